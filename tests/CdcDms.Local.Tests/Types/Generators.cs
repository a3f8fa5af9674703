namespace CdcDms.Local.Tests.Types;

/// <summary>What the source database needs for the types' expressions.</summary>
internal static class Generators
{
    /// <summary>Types and extensions that the source defines, and analytics too if it is to have columns of the same types.</summary>
    public const string OwnTypes =
        """
        CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
        CREATE TYPE mood AS ENUM ('so so', 'fine', 'O''dd "one", {x}', ''); CREATE TYPE pair AS (n int, t text);
        CREATE DOMAIN amount AS numeric(8,3); CREATE DOMAIN price AS amount CHECK (VALUE > -99999);
        CREATE DOMAIN label AS text; CREATE DOMAIN days AS date[]; CREATE TYPE floatrange AS RANGE (subtype = float8);
        """;

    /// <summary>
    /// Functions of random values. They run once per row only where they are called per row: an array's elements must depend on <c>r</c>.
    /// </summary>
    public const string Functions =
        """
        CREATE SCHEMA gen;
        CREATE FUNCTION gen.digits(fewest int, most int) RETURNS text LANGUAGE plpgsql AS $$
          DECLARE t text := ''; BEGIN
            FOR i IN 1..random(fewest, most) LOOP t := t || (ARRAY['0', '9', random(0, 9)::text])[random(1, 3)]; END LOOP; RETURN t; END $$;
        CREATE FUNCTION gen.number(before int, after int) RETURNS numeric LANGUAGE plpgsql AS $$
          BEGIN RETURN ((ARRAY['', '-'])[random(1, 2)] || '0' || gen.digits(0, before) || '.' || gen.digits(0, after))::numeric; END $$;
        CREATE FUNCTION gen.text(most int) RETURNS text LANGUAGE plpgsql AS $$
          DECLARE t text := ''; letters text[] := ARRAY['a', 'Z', '0', ' ', '''', '"', '\', '\n', '{', '}', '(', ')', '[', ',',
            ';', '|', '%', '$1', '-', 'NULL',
            E'\t', E'\n', E'\r', E'\x01', E'\x7f', 'ä', 'ß', 'İ', '日', '😀', '👩‍👧', U&'\00A0', U&'\200B', U&'\2028', U&'\FEFF', U&'\FFFD',
            U&'\0301', U&'\+10FFFF'];
          BEGIN
            FOR i IN 1..random(0, most) LOOP t := t || letters[random(1, cardinality(letters))]; END LOOP; RETURN left(t, most); END $$;
        CREATE FUNCTION gen.bytes(most int) RETURNS bytea LANGUAGE plpgsql AS $$
          DECLARE b bytea := '';
          BEGIN FOR i IN 1..random(0, most) LOOP b := b || set_byte('\x00', 0, random(0, 255)); END LOOP; RETURN b; END $$;
        CREATE FUNCTION gen.moment() RETURNS timestamp LANGUAGE plpgsql AS $$
          BEGIN RETURN CASE random(1, 3)
            WHEN 1 THEN timestamp '2000-01-01' + random(-3000000000000000, 3000000000000000) * interval '1 microsecond'
            WHEN 2 THEN timestamp '0001-01-01' + random(-148000000000000000, 315000000000000000) * interval '1 microsecond'
            ELSE timestamp '2024-02-29' + random(-99999999, 99999999) * interval '1 second' END; END $$;
        CREATE FUNCTION gen.span() RETURNS interval LANGUAGE plpgsql AS $$
          BEGIN RETURN make_interval(
            years => random(0, 1) * random(-300, 300), months => random(0, 1) * random(-24, 24), days => random(0, 1) * random(-99, 99),
            hours => random(0, 1) * random(-99, 99), mins => random(0, 1) * random(-99, 99),
            secs => random(0, 1) * random(-99999999, 99999999) / 1e6); END $$;
        CREATE FUNCTION gen.json(depth int) RETURNS jsonb LANGUAGE plpgsql AS $$
          BEGIN RETURN CASE random(1, CASE WHEN depth > 0 THEN 6 ELSE 4 END)
            WHEN 1 THEN 'null'::jsonb WHEN 2 THEN to_jsonb(gen.text(9)) WHEN 3 THEN to_jsonb(gen.number(25, 25))
            WHEN 4 THEN to_jsonb(random() < 0.5)
            WHEN 5 THEN jsonb_build_array(gen.json(depth - 1), gen.json(depth - 1))
            ELSE jsonb_build_object(gen.text(5), gen.json(depth - 1), gen.text(5), gen.json(depth - 1)) END; END $$;
        CREATE FUNCTION gen.range(r int, a anycompatible, b anycompatible, OUT low anycompatible, OUT high anycompatible, OUT bounds text)
          LANGUAGE plpgsql AS $$
          BEGIN low := least(a, b); high := greatest(a, b); bounds := (ARRAY['[)', '[]', '()', '(]'])[random(1, 4)];
            IF random() < 0.1 THEN low := NULL; END IF; IF random() < 0.1 THEN high := NULL; END IF; END $$;
        """;
}
