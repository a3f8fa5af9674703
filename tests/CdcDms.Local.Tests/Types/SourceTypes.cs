namespace CdcDms.Local.Tests.Types;

/// <summary>Every type that a column of a source table can have, as far as its values mean anything outside that server.</summary>
internal static class SourceTypes
{
    private static readonly SourceType[] Numbers =
    [
        new("smallint", "random(-32768, 32767)", "-32768", "32767", "0"),
        new("integer", "random(-2147483648, 2147483647)", "-2147483648", "2147483647", "0"),
        new("bigint", "random(-9223372036854775808, 9223372036854775807)", "-9223372036854775808", "9223372036854775807",
            "9007199254740993"),
        new("numeric(4,2)", "gen.number(2, 2)", "99.99", "-99.99", "-0.01"),
        new("numeric(9,0)", "gen.number(9, 0)", "999999999", "-1"),
        new("numeric(18,18)", "gen.number(0, 18)", "0.999999999999999999", "-1e-18"),
        new("numeric(38,0)", "gen.number(38, 0)", "repeat('9', 38)", "'-' || repeat('9', 38)", "79228162514264337593543950336", "1e28"),
        new("numeric(38,10)", "gen.number(28, 10)", "repeat('9', 28) || '.9999999999'", "-1e-10", "0"),
        new("numeric(38,38)", "gen.number(0, 38)", "'0.' || repeat('9', 38)", "-1e-38"),
        new("numeric(3,5)", "random(-999, 999) / 100000.0", "0.00999", "-0.00001"),
        new("numeric(3,-2)", "random(-999, 999) * 100", "99900", "-100"),
        new("numeric(39,1)", "gen.number(38, 1)", "repeat('9', 38) || '.9'", "'NaN'", "-0.1"),
        new("numeric(1000,500)", "gen.number(500, 500)", "repeat('9', 500) || '.' || repeat('9', 500)"),
        new("numeric", "gen.number(21, 20)", "0.611111104488373", "0.0000005", "-0.0000005", "0.0000004999",
            "-9999999999999999999999.999999", "1e21", "1.50", "0"),
        new("money", "gen.number(14, 2)", "-92233720368547758.08", "92233720368547758.07", "0.01", "-0.01"),
        new("real", "gen.number(4, 4)::float8 * 10::float8 ^ random(-30, 30)", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1.4e-45",
            "3.4028235e38", "0.1", "1.17549435e-38", "16777217"),
        new("double precision", "gen.number(4, 14)::float8 * 10::float8 ^ random(-300, 300)",
            "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "5e-324", "1.7976931348623157e308", "0.1",
            "2.2250738585072014e-308", "0.30000000000000004", "9007199254740993"),
        new("boolean", "random() < 0.5", "true", "false"),
        new("oid", "random(0, 4294967295)", "4294967295", "0"),
        new("price", "gen.number(4, 3)", "12.345", "-0.001"),
    ];

    private static readonly SourceType[] Texts =
    [
        new("text", "gen.text(40)", "''", "'NULL'", "'null'", @"'\N'", @"'\x41'", "U&'a\\+01F600b'", "E'\\r\\n\\t\\x01'",
            "repeat('😀 long ', 30000)", "' '"),
        new("varchar(20)", "gen.text(20)", "''", "'ab '", "repeat('😀', 20)"),
        new("varchar", "gen.text(200)", "''", "' '"),
        new("char(5)", "gen.text(5)", "'ab'", "''", "'  a'", "'日本'"),
        new("bpchar", "gen.text(5)", "'ab  '", "''"),
        new("\"char\"", "chr(random(1, 127))", "'a'", "''", "' '", @"'\377'"),
        new("name", "'n' || random(1, 99999)", "''", "repeat('n', 63)"),
        new("label", "gen.text(9)", "''"),
        new("citext", "gen.text(20)", "'AbC'", "''"),
        new("mood", "(enum_range(NULL::mood))[random(1, 4)]", "'so so'", "'O''dd \"one\", {x}'", "''"),
        new("uuid", "md5(random()::text)::uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "'00000000-0000-0000-0000-000000000000'"),
        new("json", "E'\\t' || gen.json(2)::text || E' \\n'", "'{\"b\" :1, \"a\":null, \"b\":2}'", "'\"\\u0000\"'", "'1E400'", "' null '",
            "'\"\"'"),
        new("jsonb", "gen.json(3)", "'{\"b\" :1.50, \"a\":null, \"b\":2.0}'", "'1E400'", "'null'", "'\"\"'", "'{}'",
            "to_jsonb(repeat('x😀', 9000))"),
        new("jsonpath", "'$.' || to_jsonb(gen.text(5))::text", "'$.a[*] ? (@ > 1)'", "'strict $'"),
        new("xml", "xmlelement(name a, xmlattributes(translate(gen.text(5), E'\\x01' || U&'\\FFFD', '') AS b), "
            + "translate(gen.text(9), E'\\x01' || U&'\\FFFD', ''))",
            "'<a>1</a>'", "''", "'plain &amp; <b/>'", "'<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>é</a>'", "'<!DOCTYPE a><a/>'"),
        new("bytea", "gen.bytes(30)", @"'\x00ff5c41'", "''", @"'\x5c78'", "decode(repeat('00ff', 40000), 'hex')"),
        new("hstore", "hstore(gen.text(5), gen.text(5))", "'a=>NULL, \"b c\"=>\"\\\"\\\\\"'", "''"),
        new("ltree", "'a' || random(1, 99) || '.b'", "''", "'top.x_1'"),
        new("pair", "ROW(random(1, 9), gen.text(9))::pair", "ROW(1, 'a \"b\" \\ ,()')", "ROW(NULL, '')", "ROW(NULL, NULL)"),
        new("tsvector", "to_tsvector('english', gen.text(30))", "'a:1A b:2 ''it s'':3'", "''", "'x'"),
        new("tsquery", "phraseto_tsquery('simple', gen.text(30))", "'fat & !(rat:*A <2> cat)'", "''"),
    ];

    private static readonly SourceType[] Times =
    [
        new("date", "gen.moment()::date", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'0001-01-01'", "'4713-01-01 BC'", "'9999-12-31'",
            "'5874897-12-31'", "'1582-10-10'"),
        new("timestamp", "gen.moment()", "'infinity'", "'-infinity'", "'0044-03-15 01:02:03.5 BC'", "'9999-12-31 23:59:59.999999'",
            "'294246-12-31 23:59:59.999999'",
            "'4713-01-01 BC'", "'1969-12-31 23:59:59.999999'", "'1970-01-01'", "'2024-02-29 24:00:00'"),
        new("timestamp(3)", "gen.moment()", "'9999-12-31 23:59:59.999'"),
        new("timestamptz", "gen.moment() AT TIME ZONE 'Asia/Kolkata'", "'infinity'", "'-infinity'", "'0044-03-15 01:02:03+05:30 BC'",
            "'9999-12-31 23:59:59.999999-12'",
            "'2024-10-27 01:30:00 Europe/Berlin'", "'0001-01-01 00:00:00+14'", "'1969-12-31 23:59:59.999999+00'"),
        new("time", "gen.moment()::time", "'24:00:00'", "'23:59:59.999999'", "'00:00:00.000001'", "'12:00:00.0005'"),
        new("timetz", "gen.moment()::time AT TIME ZONE 'Asia/Kolkata'", "'24:00:00+15:59:59'", "'00:00:00.001-15:59'",
            "'12:34:56.789999-08:30'"),
        new("interval", "gen.span()", "'0'", "'infinity'", "'-infinity'", "'178000000 years'", "'-178000000 years'",
            "'1 mon -1 day 00:00:00.000001'", "'-00:00:00.5'", "'-1 us'",
            "'2562047788:00:54.775807'", "'1 sec'", "'1 min'", "'1 mon 1 min'"),
        new("interval(2)", "gen.span()", "'1.999 sec'"),
        new("interval year to month", "gen.span()", "'-1 year 2 months'"),
    ];

    private static readonly SourceType[] Others =
    [
        new("inet", "('10.' || random(0, 255) || '.0.' || random(0, 255) || '/' || random(0, 32))::inet", "'192.168.0.1'", "'10.1.2.3/8'",
            "'::ffff:1.2.3.4'", "'2001:db8::1/64'", "'0.0.0.0/0'"),
        new("cidr", "network(('10.' || random(0, 255) || '.0.0/' || random(8, 32))::inet)", "'10.0.0.0/8'", "'2001:db8::/32'", "'::/0'"),
        new("macaddr", "left(md5(random()::text), 12)", "'08:00:2b:01:02:03'", "'ffffffffffff'"),
        new("macaddr8", "left(md5(random()::text), 16)", "'08:00:2b:01:02:03:04:05'"),
        new("bit(3)", "random(0, 7)::bit(3)", "'101'", "'000'"),
        new("bit", "random(0, 1)::bit", "'1'"),
        new("bit varying(8)", "left(random(0, 255)::bit(8)::text, random(0, 8))::varbit", "''", "'10110'"),
        new("int4range", "(SELECT int4range(low, high, bounds) FROM gen.range(r, random(-99, 99), random(-99, 99)))", "'empty'", "'(,)'",
            "'[1,5]'", "'[,2147483647)'"),
        new("int8range", "(SELECT int8range(low, high, bounds) FROM gen.range(r, random(-99, 99)::bigint, random(-99, 99)::bigint))",
            "'[-9223372036854775808,9223372036854775807)'"),
        new("numrange", "(SELECT numrange(low, high, bounds) FROM gen.range(r, gen.number(25, 9), gen.number(25, 9)))", "'(1.10,1.1000]'",
            "'[NaN,NaN]'"),
        new("tsrange", "(SELECT tsrange(low, high, bounds) FROM gen.range(r, gen.moment(), gen.moment()))", "'[2024-01-01,infinity)'",
            "'[0044-03-15 BC,)'"),
        new("tstzrange",
            "(SELECT tstzrange(low AT TIME ZONE 'UTC', high AT TIME ZONE 'UTC', bounds) FROM gen.range(r, gen.moment(), gen.moment()))",
            "'[2024-01-01 00:00:00.000001+05:30,)'"),
        new("daterange", "(SELECT daterange(low, high, bounds) FROM gen.range(r, gen.moment()::date, gen.moment()::date))",
            "'[-infinity,infinity]'"),
        new("floatrange", "(SELECT floatrange(low, high, bounds) FROM gen.range(r, random(), random()))", "'[-Infinity,0.1]'"),
        new("int4multirange", "int4multirange(int4range(0, random(1, 9)), int4range(10, random(11, 19)))", "'{}'", "'{[1,3),[5,7)}'",
            "'{(,)}'"),
        new("int8multirange", "int8multirange(int8range(0, random(1, 9)))", "'{[1,3)}'"),
        new("nummultirange", "nummultirange(numrange(0, abs(gen.number(9, 9))))", "'{[1.10,1.2)}'"),
        new("tsmultirange", "tsmultirange(tsrange(timestamp '4000-01-01 BC', NULL))", "'{[2024-01-01,2025-01-01)}'"),
        new("tstzmultirange", "NULL", "'{[2024-01-01 00:00+05:30,)}'"),
        new("datemultirange", "NULL", "'{[2024-01-01,2025-01-01)}'"),
        new("point", "point(gen.number(3, 9)::float8, random())", "'(1,2.5)'", "'(NaN,-Infinity)'", "'(-0,5e-324)'"),
        new("line", "line(point(0, random()), point(1, random()))", "'{1,2,3}'"),
        new("lseg", "lseg(point(random(), 1), point(random(), 2))", "'[(0,0),(1,1)]'"),
        new("box", "box(point(random(), 1), point(random(), 2))", "'(1,1),(0,0)'"),
        new("path", "path(polygon(box(point(random(), 1), point(0, 0))))", "'[(0,0),(1,1)]'", "'((0,0),(1,1))'"),
        new("polygon", "polygon(random(3, 6), circle(point(1, 2), random()))", "'((0,0),(1,1),(2,0))'"),
        new("circle", "circle(point(random(), 1), random())", "'<(0,0),1e-9>'"),
        new("pg_lsn", "'0/' || upper(to_hex(random(0, 2147483647)))", "'FFFFFFFF/FFFFFFFF'", "'0/0'"),
        new("xid", "random(0, 2147483647)::text", "'4294967295'"),
        new("xid8", "random(0, 2147483647)::text", "'18446744073709551615'"),
        new("tid", "'(' || random(0, 99999) || ',1)'", "'(4294967295,65535)'"),
        new("pg_snapshot", "NULL", "'10:20:10,14,15'"),
        new("txid_snapshot", "NULL", "'10:20:10,14,15'"),
        new("int2vector", "random(0, 9) || ' ' || random(0, 9)", "'1 2'", "''"),
        new("refcursor", "gen.text(9)", "'a cursor'", "''"),
        new("oidvector", "random(0, 9) || ' ' || random(0, 9)", "'1 2'"),
    ];

    private static readonly SourceType[] Arrays =
    [
        Array("integer", "random(-9, 9)", "'{1,NULL,3}'", "'{}'", "'{{1,2},{3,NULL}}'", "'[2:3]={1,2}'"),
        Array("text", "gen.text(9)", """'{"a,b",NULL,"NULL","","q\"uo\\te","{x}",null}'""", "'{}'", "ARRAY[E'\\n', ' ', '😀', '\\']"),
        Array("numeric", "gen.number(20, 20)", "'{1.50,NaN,Infinity,NULL}'"),
        Array("boolean", "random() < 0.5", "'{t,NULL,f}'"),
        Array("bytea", "gen.bytes(5)", @"ARRAY['\x00ff'::bytea, '', NULL]"),
        Array("jsonb", "gen.json(2)", "ARRAY['null'::jsonb, NULL, '\"a,\\\"b\"']"),
        Array("double precision", "random()", "'{NaN,-0,0.1}'"),
        Array("date", "gen.moment()::date", "'{infinity,\"0044-03-15 BC\"}'"),
        Array("timestamptz", "gen.moment()::timestamptz", "'{\"2024-02-29 01:02:03.123456+05:30\",NULL,infinity}'"),
        Array("time", "gen.moment()::time", "'{23:59:59.999999}'"),
        Array("interval", "gen.span()", "ARRAY[interval '1 day -1 s', NULL]"),
        Array("uuid", "md5(random()::text)::uuid", "'{}'"),
        Array("int4range", "int4range(0, random(1, 9))", "ARRAY[int4range(1, 5), 'empty', NULL]"),
        Array("mood", "(enum_range(NULL::mood))[random(1, 4)]", "ARRAY['so so'::mood, '', NULL]"),
        Array("pair", "ROW(random(1, 9), gen.text(5))::pair", "ARRAY[ROW(1, 'a \"b\",')::pair, NULL]"),
        Array("citext", "gen.text(5)", "'{A,a}'"),
        new("days", "ARRAY[gen.moment()::date]", "'{2024-01-01}'"),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SourceType> All { get; } = [.. Numbers, .. Texts, .. Times, .. Others, .. Arrays];

    private static SourceType Array(string element, string random, params string[] edges) =>
        new($"{element}[]", $"ARRAY(SELECT CASE WHEN random() > 0.2 THEN {random} END FROM generate_series(1, random(0, 5) + 0 * r))",
            edges);
}
