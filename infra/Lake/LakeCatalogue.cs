using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.Glue;
using CdcDms.Contract.Lake;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>What the catalogue needs.</summary>
internal sealed record LakeCatalogueProps
{
    public required string DatabaseName { get; init; }

    public required CatalogueContent Content { get; init; }

    /// <summary>The bucket and the prefix below which the folders of generations are.</summary>
    public required LakeUri Lake { get; init; }

    /// <summary>The newest generation.</summary>
    public required int Generation { get; init; }

    /// <summary>How many days the tables by day reach back.</summary>
    public required int RetentionDays { get; init; }
}

/// <summary>
/// A Glue database of the environment's own, with the tables over DMS's files. Partitions are computed by Athena from the tables'
/// properties, so that nobody has to add one.
/// </summary>
internal sealed class LakeCatalogue : Construct
{
    private readonly LakeCatalogueProps _props;
    private readonly CfnDatabase _database;

    public LakeCatalogue(Construct scope, string id, LakeCatalogueProps props)
        : base(scope, id)
    {
        _props = props;
        _database = new CfnDatabase(this, "Database", new CfnDatabaseProps
        {
            CatalogId = Stack.Of(this).Account,
            DatabaseInput = new CfnDatabase.DatabaseInputProperty { Name = props.DatabaseName, Description = "Change files of DMS" },
        });
        Add("Markers", CatalogueContent.Markers.Name, "Markers", CatalogueContent.Markers, ByGeneration(CatalogueContent.Markers));
        foreach (var table in props.Content.Tables)
        {
            Add(table.ConstructId, table.Name, $"All change files of {table.Source}", table, ByGeneration(table));
            Add($"{table.ConstructId}-day", table.NameByDay, $"Change files of {table.Source} without full loads", table, ByDay(table));
        }

        foreach (var sentence in props.Content.Missing)
            Annotations.Of(this).AddInfo(sentence);
    }

    // The folder of a generation, with the partition's value in place of its digits (LakeLayout.TablePrefix).
    private string Location(CataloguedTable table) =>
        $"s3://{_props.Lake.Bucket}/"
        + _props.Lake.Key($"g${{{CataloguedTable.Generation}}}/{table.Source.Schema}/{table.Source.Name}/");

    private Dictionary<string, string> ByGeneration(CataloguedTable table) => new()
    {
        ["classification"] = "parquet",
        ["projection.enabled"] = "true",
        [$"projection.{CataloguedTable.Generation}.type"] = "integer",
        [$"projection.{CataloguedTable.Generation}.range"] = string.Create(CultureInfo.InvariantCulture, $"1,{_props.Generation}"),
        [$"projection.{CataloguedTable.Generation}.digits"] = "3",
        ["storage.location.template"] = Location(table),
    };

    private Dictionary<string, string> ByDay(CataloguedTable table) => new(ByGeneration(table))
    {
        [$"projection.{CataloguedTable.Day}.type"] = "date",
        [$"projection.{CataloguedTable.Day}.format"] = "yyyy/MM/dd",
        [$"projection.{CataloguedTable.Day}.range"] =
            string.Create(CultureInfo.InvariantCulture, $"NOW-{_props.RetentionDays}DAYS,NOW+1DAYS"),
        ["storage.location.template"] = $"{Location(table)}${{{CataloguedTable.Day}}}/",
    };

    private void Add(string id, string name, string description, CataloguedTable table, Dictionary<string, string> parameters)
    {
        var partitions = new[] { CataloguedTable.Generation, CataloguedTable.Day }
            .Where(column => parameters.ContainsKey($"projection.{column}.type"))
            .Select(column => Column(column, GlueTypes.Text));
        var resource = new CfnTable(this, id, new CfnTableProps
        {
            CatalogId = Stack.Of(this).Account,
            DatabaseName = _props.DatabaseName,
            TableInput = new CfnTable.TableInputProperty
            {
                Name = name,
                Description = description,
                TableType = "EXTERNAL_TABLE",
                Parameters = parameters,
                PartitionKeys = partitions.ToArray(),
                StorageDescriptor = new CfnTable.StorageDescriptorProperty
                {
                    Columns = table.FileColumns.Select(column => Column(column.Name.ToLowerInvariant(), column.Type)).ToArray(),
                    Location = $"s3://{_props.Lake.Bucket}/{_props.Lake.Key("")}",
                    InputFormat = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                    OutputFormat = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                    SerdeInfo = new CfnTable.SerdeInfoProperty
                    {
                        SerializationLibrary = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                    },
                },
            },
        });
        resource.AddDependency(_database);
    }

    private static CfnTable.ColumnProperty Column(string name, string type) => new() { Name = name, Type = type };
}
