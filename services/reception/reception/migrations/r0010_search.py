"""Appeals are found by words, typing errors forgiven, and listed by name as the alphabet goes."""

from alembic import op
from kit.database.migrations import hromada_table, search_function, text_functions

revision = "0010"
down_revision = "0009"

_TABLES = (
    """
    CREATE FUNCTION appeal_words(number text, name text, residence text, phone text, said text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT array_to_tsvector(array_remove(
        string_to_array(folded(concat_ws(' ', number, replace(number, '/', ''), name, residence, phone, said)), ' '),
        ''))
    $$
    """,
    """
    ALTER TABLE appeal
      ADD COLUMN words tsvector GENERATED ALWAYS AS
        (appeal_words(number, applicant_name, residence, phone, text)) STORED,
      ADD COLUMN applicant_order text COLLATE "C" GENERATED ALWAYS AS (ukrainian_order(applicant_name)) STORED
    """,
    "CREATE INDEX appeal_by_words ON appeal USING gin (hromada_id, words)",
    """
    CREATE TABLE appeal_word (
      hromada_id uuid NOT NULL,
      word text NOT NULL,
      PRIMARY KEY (hromada_id, word)
    )
    """,
    "CREATE INDEX appeal_word_alike ON appeal_word USING gin (hromada_id, word gin_trgm_ops)",
    """
    INSERT INTO appeal_word
      SELECT DISTINCT hromada_id, unnest(tsvector_to_array(words)) FROM appeal
    """,
    """
    CREATE FUNCTION learn_appeal_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO appeal_word
        SELECT new.hromada_id, word FROM unnest(tsvector_to_array(new.words)) AS word ORDER BY word
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER learn_words
      AFTER INSERT OR UPDATE OF number, applicant_name, residence, phone, text ON appeal
      FOR EACH ROW EXECUTE FUNCTION learn_appeal_words()
    """,
)

_SEARCH = """
WITH asked AS (
  SELECT word, place FROM unnest(string_to_array(btrim(folded(said)), ' ')) WITH ORDINALITY AS split (word, place)
),
alike AS (
  SELECT asked.place, near.word, near.score FROM asked CROSS JOIN LATERAL (
    SELECT known.word, 1.0::real AS score FROM appeal_word AS known
    WHERE known.hromada_id = current_hromada() AND known.word = asked.word
    UNION ALL
    SELECT * FROM (
      SELECT known.word, CASE WHEN starts_with(known.word, asked.word) THEN 0.9
                              ELSE similarity(known.word, asked.word) * 0.8 END AS score
      FROM appeal_word AS known
      WHERE known.hromada_id = current_hromada() AND known.word % asked.word AND known.word <> asked.word
        AND asked.word !~ '[0-9]' AND length(asked.word) > 2
        AND (starts_with(known.word, asked.word) OR abs(length(known.word) - length(asked.word)) < 4)
      ORDER BY score DESC, known.word LIMIT 24
    ) AS spelled
  ) AS near
),
choices AS (
  SELECT place, string_agg(quote_literal(word), '|') AS words FROM alike GROUP BY place
),
wanted AS (
  SELECT string_agg('(' || choices.words || ')', '&' ORDER BY place)::tsquery AS words
  FROM asked LEFT JOIN choices USING (place) HAVING bool_and(choices.words IS NOT NULL)
)
SELECT found.id, (
  SELECT avg(best)::real FROM (
    SELECT max(score) AS best FROM alike WHERE word = ANY (tsvector_to_array(found.words)) GROUP BY place
  ) AS scored
)
FROM (
  SELECT appeal.id, appeal.words FROM appeal
  WHERE appeal.hromada_id = current_hromada()
    AND appeal.words @@ (SELECT words FROM wanted)
    AND (states = '{}' OR appeal.state = ANY (states))
    AND (areas = '{}' OR appeal.area = ANY (areas))
    AND (registrar = '' OR appeal.registered_by = registrar)
  ORDER BY appeal.received_at DESC
  LIMIT most
) AS found
"""


def upgrade() -> None:
    text_functions()
    for statement in _TABLES:
        op.execute(statement)
    hromada_table("appeal_word", "SELECT, INSERT", stays="made of the appeals by a trigger")
    search_function(
        "search_appeal(said text, states text[], areas text[], registrar text, most integer)",
        "TABLE (id uuid, score real)",
        _SEARCH,
        "appeal, appeal_word",
    )
