using System.Globalization;
using System.Text.Json.Nodes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Lake;

public class LakeCatalogueTests
{
    private const string Orders =
        """
        {"schema":"shop","name":"Orders","target":"analytics.shop_orders","key":["id"],
         "columns":[{"from":"id","to":"id","type":"bigint"},{"from":"placed_at","to":"placed_at","type":"timestamptz"}]}
        """;

    private static readonly Lazy<SynthesizedEnvironment> Described = new(() => SynthesizedEnvironment.Of(
        new EnvironmentJson("prod").With("replication.generation", 12).With("lake.bucketName", "their-bucket").WithTable(Orders)));

    [Fact]
    public void The_database_is_the_environment_s_own()
    {
        var database = Described.Value.Stack("lake").One("AWS::Glue::Database");

        Assert.Equal("cdcdms_prod", database["DatabaseInput"]!["Name"]!.GetValue<string>());
        Assert.All(Described.Value.Stack("lake").OfType("AWS::Glue::Table"), table =>
        {
            Assert.Equal("cdcdms_prod", table["DatabaseName"]!.GetValue<string>());
            Assert.Contains(database.Id, table.Json["DependsOn"]!.ToJsonString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Markers_have_a_table_too() => Assert.Contains("number", Table("cdcdms_marker").ToJsonString(), StringComparison.Ordinal);

    [Fact]
    public void A_partition_is_the_folder_of_a_generation()
    {
        var table = Table("shop_orders");

        Assert.Equal("1,12", table["Parameters"]!["projection.cdc_generation.range"]!.GetValue<string>());
        var template = table["Parameters"]!["storage.location.template"]!.GetValue<string>();
        Assert.Equal(
            "s3://their-bucket/" + new LakeUri("their-bucket", "cdc").TablePrefix(new TableName("shop", "Orders"), 12),
            template.Replace("${cdc_generation}", "012", StringComparison.Ordinal));
        Assert.Equal(["cdc_generation"], Names(table["PartitionKeys"]!));
        Assert.Equal(
            ["op", "cdc_timestamp", "cdc_change_seq", "id", "placed_at", "bi_id"], Names(table["StorageDescriptor"]!["Columns"]!));
    }

    [Fact]
    public void A_partition_by_day_is_the_folder_of_the_day()
    {
        var table = Table("shop_orders_by_day");

        var made = new DateTime(2026, 11, 28, 9, 0, 0, DateTimeKind.Utc);
        var template = table["Parameters"]!["storage.location.template"]!.GetValue<string>();
        Assert.StartsWith(
            template.Replace("${cdc_generation}", "012", StringComparison.Ordinal)
                .Replace("${cdc_day}", made.ToString(Format(table), CultureInfo.InvariantCulture), StringComparison.Ordinal),
            "s3://their-bucket/" + new LakeUri("their-bucket", "cdc").CdcKey(new TableName("shop", "Orders"), 12, made, made),
            StringComparison.Ordinal);
        Assert.Equal(["cdc_generation", "cdc_day"], Names(table["PartitionKeys"]!));
        Assert.Equal("NOW-2555DAYS,NOW+1DAYS", table["Parameters"]!["projection.cdc_day.range"]!.GetValue<string>());
    }

    [Fact]
    public void DMS_keeps_no_catalogue_and_may_not() =>
        Assert.All(Described.Value.Stack("replication").All, resource =>
        {
            Assert.DoesNotContain("glue", resource.Json.ToJsonString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("athena", resource.Json.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        });

    [Fact]
    public void A_table_whose_definition_names_columns_and_key_has_saved_queries_in_the_workgroup()
    {
        var queries = Described.Value.Stack("lake").OfType("AWS::Athena::NamedQuery")
            .Where(query => query["Name"]!.GetValue<string>().StartsWith("shop", StringComparison.Ordinal)).ToList();

        Assert.Equal(["shop.Orders status", "shop.Orders view"], queries.Select(query => query["Name"]!.GetValue<string>()).Order());
        Assert.All(queries, query =>
        {
            Assert.Equal("cdcdms-prod", query["WorkGroup"]!.GetValue<string>());
            Assert.Equal("cdcdms_prod", query["Database"]!.GetValue<string>());
        });
    }

    [Fact]
    public void What_the_catalogue_lacks_is_told_at_synthesis()
    {
        var environment = new EnvironmentJson("prod")
            .WithTable("""{"schema":"public","name":"bare","target":"analytics.bare"}""")
            .WithTable("""
                {"schema":"public","name":"keyless","target":"analytics.keyless","columns":[{"from":"id","to":"id","type":"bigint"}]}
                """);
        var manifest = SynthesizedEnvironment.Of(environment).Manifest;

        Assert.Contains("public.bare, since the definitions do not list", manifest, StringComparison.Ordinal);
        Assert.Contains(
            "no saved queries for public.keyless, since the definitions name no \\\"key\\\", by which", manifest, StringComparison.Ordinal);
        // Without a catalogue nothing could be asked.
        Assert.DoesNotContain("The lake", SynthesizedEnvironment.Of("dev").Manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_s_name_is_no_longer_than_athena_takes_and_tells_tables_apart()
    {
        var (schema, name) = (new string('s', 63), new string('t', 62));
        var environment = new EnvironmentJson("prod");
        foreach (var end in (string[])["a", "b"])
            environment.WithTable($$"""
                {"schema":"{{schema}}","name":"{{name}}{{end}}","target":"analytics.{{end}}","key":["id"],
                 "columns":[{"from":"id","to":"id","type":"bigint"}]}
                """);

        var names = SynthesizedEnvironment.Of(environment).Stack("lake").OfType("AWS::Athena::NamedQuery")
            .Select(query => query["Name"]!.GetValue<string>()).ToList();

        Assert.All(names, query => Assert.InRange(query.Length, 1, 128));
        Assert.Equal(4, names.Where(query => query.StartsWith("sss", StringComparison.Ordinal)).Distinct().Count());
    }

    [Fact]
    public void A_lake_without_a_catalogue_has_neither_database_nor_tables() =>
        Assert.DoesNotContain(
            SynthesizedEnvironment.Of("dev").Stack("lake").All,
            resource => resource.Type.StartsWith("AWS::Glue", StringComparison.Ordinal));

    private static JsonNode Table(string name) => Described.Value.Stack("lake").OfType("AWS::Glue::Table")
        .Select(table => table["TableInput"]!)
        .Single(table => table["Name"]!.GetValue<string>() == name);

    private static string Format(JsonNode table) =>
        table["Parameters"]!["projection.cdc_day.format"]!.GetValue<string>().Replace("/", "'/'", StringComparison.Ordinal);

    private static IEnumerable<string> Names(JsonNode columns) => columns.AsArray().Select(column => column!["Name"]!.GetValue<string>());
}
