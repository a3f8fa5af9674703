using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Spark;

namespace CdcDms.Pipeline.Tests.Spark;

/// <summary>
/// The files by which <c>tests/spark</c> compares a real Spark with DuckDB: change files, their plan, and what DuckDB leaves of them.
/// <c>CDCDMS_UPDATE_SNAPSHOTS=1</c> writes them anew.
/// </summary>
public sealed class SparkFixtureTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "spark", "fixture");
    private static readonly bool Update = Environment.GetEnvironmentVariable("CDCDMS_UPDATE_SNAPSHOTS") == "1";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TableDefinition Things = People with
    {
        Name = "things",
        Target = "analytics.things",
        Key = ["id", "Part \"`\""],
        Columns = null,
    };

    // Of the first shape: changes of one key at one version, a row that was moved, faults of every kind, and every type. Of the second: a
    // column that the first has not.
    private static readonly (string File, string Select)[] Files =
    [
        ("first.parquet", """"
            SELECT op AS "Op", '2026-01-02 03:04:05.678901' AS cdc_timestamp, id, part AS "Part ""`""", old_id AS "BI_id",
                part AS "BI_Part ""`""", n % 2 = 0 AS bool, n::SMALLINT AS small, n::BIGINT << 40 AS big, n::FLOAT / 4 AS real,
                'NaN'::DOUBLE AS double, 'naïve '' ` " \' || n AS text, '\x00\xFF'::BLOB AS bytes,
                (n - 99999999999999999999999999999.123456789)::DECIMAL(38, 9) AS exact, n::DECIMAL(4, 1) AS short,
                DATE '0044-03-15' + n::INTEGER AS day, TIME '23:59:59.999999' AS time,
                TIMESTAMP '1066-10-14 09:00:00.000001' + to_days(n::INTEGER) AS moment, TIMESTAMPTZ '2026-03-29 01:30:00+00' AS zoned,
                seq AS cdc_change_seq
            FROM (VALUES
                ('I', 1, 1, 'a', NULL, lpad('1', 35, '0')), ('U', 2, 1, 'a', 1, lpad('2', 35, '0')),
                ('D', 3, 1, 'a', NULL, lpad('2', 35, '0')),
                ('U', 4, 2, 'a', 1, lpad('3', 35, '0')), ('U', 5, 2, 'a', 2, lpad('9', 35, '0')),
                ('I', 6, 2, 'b', NULL, lpad('4', 35, '0')),
                ('I', 7, NULL, 'c', NULL, lpad('5', 35, '0')), ('X', 8, 3, 'c', NULL, lpad('5', 35, '0')), ('I', 9, 3, 'c', NULL, 'x'),
                (NULL, 10, 3, 'c', NULL, NULL), ('I', 11, 3, 'c', NULL, lpad('1e3', 35, '0')), ('I', 12, 3, 'c', NULL, lpad('7', 35, '0')))
                t(op, n, id, part, old_id, seq)
            """"),
        ("second.parquet", """"
            SELECT 'U' AS "Op", '2026-01-02 03:04:06' AS cdc_timestamp, id::INTEGER AS id, 'a' AS "Part ""`""", 'later' AS added,
                lpad(v::VARCHAR, 35, '0') AS cdc_change_seq
            FROM (VALUES (1, 11), (1, 12), (2, 13)) t(id, v)
            """"),
    ];

    [Fact]
    public async Task The_files_for_a_real_spark_are_what_the_pipeline_plans_and_leaves_today()
    {
        await Analytics.ExecuteAsync(
            "CREATE SCHEMA analytics; "
            + "CREATE TABLE analytics.things (id integer, \"Part \"\"`\"\"\" text, PRIMARY KEY (id, \"Part \"\"`\"\"\"))");
        var made = DateTime.UtcNow.Date;
        foreach (var (index, (file, select)) in Files.Index())
        {
            var key = Lake.CdcKey(Things, made, made.AddMilliseconds(index));
            if (Update)
                await File.WriteAllBytesAsync(Place(file), await Lake.BytesAsync(await Lake.PutAsync(key, select)));
            await Lake.PutBytesAsync(key, await File.ReadAllBytesAsync(Place(file)));
        }

        var (address, fault) = await SparkedMerge.PlanAsync(Job, Lake, Things);
        Assert.Null(fault);
        var plan = JsonNode.Parse(await Lake.BytesAsync(Lake.Uri.KeyOf(address!)))!;
        plan["files"] = new JsonArray();
        foreach (var (index, group) in plan["groups"]!.AsArray().Index())
        {
            await SameAsync($"{index:D4}.json", await LeftAsync(group!));
            group!["files"] = new JsonArray($"s3://lake/{Files[index].File}");
            group["output"] = $"s3://lake/out/{SparkLeft.FolderOf(index)}";
        }

        await SameAsync("plan.json", plan);
    }

    // Each value as both engines tell it: a text alone would be written by each in its own way.
    private async Task<JsonNode> LeftAsync(JsonNode group)
    {
        var columns = group["columns"]!.AsArray().Select((column, index) => Text(
            CarriedType.Name(index),
            CarriedType.Of(column!["type"]!.GetValue<string>(), column["stored"]!.GetValue<string>())!.Spark));
        var row = string.Join(", ", columns.Append($"{CarriedColumn.StandsFor}::VARCHAR").Select(text => $"coalesce({text}, '∅')"));
        var rows = new List<string>();
        var folder = Lake.Uri.KeyOf(group["output"]!.GetValue<string>());
        await foreach (var part in Lake.Reader.ListAsync(folder, startAfter: null, CancellationToken.None))
            if (await Lake.AskAsync(part.Key, $"SELECT string_agg(concat_ws(' | ', {row}), chr(10)) FROM {{0}}") is { } lines)
                rows.AddRange(lines.Split('\n'));
        return new JsonArray([.. rows.Order(StringComparer.Ordinal).Select(line => (JsonNode)line)]);
    }

    private static string Text(string column, string spark) => spark switch
    {
        "timestamp" => $"epoch_us({column})::VARCHAR",
        "binary" => $"hex({column})",
        "date" => $"({column} - DATE '1970-01-01')::VARCHAR",
        "float" or "double" => $"lower({column}::VARCHAR)",
        _ => $"{column}::VARCHAR",
    };

    private static string Place(string file) => Path.Combine(Folder, file);

    private static async Task SameAsync(string file, JsonNode now)
    {
        var text = now.ToJsonString(Readable).ReplaceLineEndings("\n") + "\n";
        if (Update)
            await File.WriteAllTextAsync(Place(file), text);
        Assert.Equal(await File.ReadAllTextAsync(Place(file)), text);
    }
}
