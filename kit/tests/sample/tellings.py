"""What the sample tells people."""

from kit.notices import Kind, Notices

READ = Kind("read", {"note": "Привіт", "link": "https://spilno.example.org/n"})

notices = Notices("sample", [READ])
