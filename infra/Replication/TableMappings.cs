using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Replication;

/// <summary>Which tables DMS captures, and the columns that it adds to each and leaves out (docs/dms-contract.md#table-mappings).</summary>
internal static class TableMappings
{
    private const string EverySchemaOrTable = "%";

    /// <summary>
    /// The mappings as the JSON text that a task takes: every table but those that others feed. A table added at the end adds rules and
    /// changes none.
    /// </summary>
    /// <param name="tables">The environment's tables.</param>
    /// <param name="route">Where DMS writes to: a stream takes rules that spread a table's records over its shards.</param>
    public static string Json(IReadOnlyList<TableDefinition> tables, ReplicationRoute route)
    {
        MappingRule[] rules =
        [
            new AddColumnRule(ChangeColumns.Sequence, "$AR_H_CHANGE_SEQ"),
            new SelectionRule(MarkerTable.Name),
            .. Spread(MarkerTable.Name, route),
            .. tables.Where(table => table.Feed is null).SelectMany(table => Rules(table, route)),
        ];
        var numbered = rules.Select((rule, index) => rule.Numbered((index + 1).ToString(CultureInfo.InvariantCulture)));
        return JsonSerializer.Serialize(new { rules = numbered }, MappingJson.Options);
    }

    private static MappingRule[] Spread(TableName table, ReplicationRoute route) =>
        route is StreamRoute ? [new ObjectMappingRule(table)] : [];

    private static IEnumerable<MappingRule> Rules(TableDefinition table, ReplicationRoute route) =>
        [
            new SelectionRule(table.Source),
            // Into a stream the task's settings tell old keys, and DMS takes one of the two (docs/dms-contract.md#before-images).
            .. route is StreamRoute ? Array.Empty<MappingRule>() : [new BeforeImageRule(table.Source)],
            .. Spread(table.Source, route),
            .. (table.LeaveOut ?? []).Select(column => new RemoveColumnRule(table.Source, column)),
            .. table.LobKilobytes is { } size ? [new LargeValuesRule(table.Source, size)] : Array.Empty<MappingRule>(),
        ];

    // An underscore alone stands for any one character.
    private static string Exactly(string name) => name.Replace("_", "[_]", StringComparison.Ordinal);

    private abstract record MappingRule
    {
        public abstract object Numbered(string id);
    }

    // One rule for each table: a wildcard would also pick up DMS's own tables (docs/dms-contract.md#table-mappings).
    private sealed record SelectionRule(TableName Table) : MappingRule
    {
        public override object Numbered(string id) => new
        {
            RuleType = "selection",
            RuleId = id,
            RuleName = id,
            ObjectLocator = new { SchemaName = Exactly(Table.Schema), TableName = Exactly(Table.Name) },
            RuleAction = "include",
        };
    }

    private sealed record AddColumnRule(string Column, string Expression) : MappingRule
    {
        public override object Numbered(string id) => new
        {
            RuleType = "transformation",
            RuleId = id,
            RuleName = id,
            RuleTarget = "column",
            ObjectLocator = new { SchemaName = EverySchemaOrTable, TableName = EverySchemaOrTable },
            RuleAction = "add-column",
            Value = Column,
            Expression,
            DataType = new { Type = "string", Length = 50 },
        };
    }

    // An update of a primary key is one row with the new key: only the old key beside it tells which row is gone.
    private sealed record BeforeImageRule(TableName Table) : MappingRule
    {
        public override object Numbered(string id) => new
        {
            RuleType = "transformation",
            RuleId = id,
            RuleName = id,
            RuleTarget = "column",
            ObjectLocator = new { SchemaName = Exactly(Table.Schema), TableName = Exactly(Table.Name) },
            RuleAction = "add-before-image-columns",
            BeforeImageDef = new { ColumnPrefix = ChangeColumns.BeforeImagePrefix, ColumnSuffix = "", ColumnFilter = "pk-only" },
        };
    }

    // By default all changes of a table go into one shard, which takes 1 MB a second. Their order need not be kept: each has its version.
    // The names stand as they are: an underscore that is taken for any character holds for this table too.
    private sealed record ObjectMappingRule(TableName Table) : MappingRule
    {
        public override object Numbered(string id) => new
        {
            RuleType = "object-mapping",
            RuleId = id,
            RuleName = id,
            RuleAction = "map-record-to-record",
            ObjectLocator = new { SchemaName = Table.Schema, TableName = Table.Name },
            TargetTableName = "kinesis",
            MappingParameters = new { PartitionKeyType = "primary-key" },
        };
    }

    // Values of a column that nobody wants never reach the lake. Wildcards are documented for schemas and tables, not for columns: the
    // column's name stands as it is.
    private sealed record RemoveColumnRule(TableName Table, string Column) : MappingRule
    {
        public override object Numbered(string id) => new
        {
            RuleType = "transformation",
            RuleId = id,
            RuleName = id,
            RuleTarget = "column",
            ObjectLocator = new { SchemaName = Exactly(Table.Schema), TableName = Exactly(Table.Name), ColumnName = Column },
            RuleAction = "remove-column",
        };
    }

    // A rule of this type takes names as they are, no wildcards (docs/dms-contract.md#large-objects).
    private sealed record LargeValuesRule(TableName Table, int Kilobytes) : MappingRule
    {
        public override object Numbered(string id) => new
        {
            RuleType = "table-settings",
            RuleId = id,
            RuleName = id,
            ObjectLocator = new { SchemaName = Table.Schema, TableName = Table.Name },
            LobSettings = new { Mode = "limited", BulkMaxSize = Kilobytes.ToString(CultureInfo.InvariantCulture) },
        };
    }

    private static class MappingJson
    {
        public static readonly JsonSerializerOptions Options = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
    }
}
