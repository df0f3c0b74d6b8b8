"""Appeals of residents (Law of Ukraine 393/96-ВР "On citizens' appeals")."""
