using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Replication;

/// <summary>Which tables DMS captures, and the column that it adds to each (docs/dms-contract.md#table-mappings).</summary>
internal static class TableMappings
{
    private const string EverySchemaOrTable = "%";

    /// <summary>
    /// The mappings as the JSON text that a task takes: every table but those that others feed. A table added at the end adds one rule and
    /// changes no other.
    /// </summary>
    public static string Json(IEnumerable<TableDefinition> tables)
    {
        MappingRule[] rules =
        [
            new AddColumnRule(ChangeColumns.Version, "$AR_H_CHANGE_SEQ"),
            new SelectionRule(MarkerTable.Name),
            .. tables.Where(table => table.Feed is null).Select(table => new SelectionRule(table.Source)),
        ];
        var numbered = rules.Select((rule, index) => rule.Numbered((index + 1).ToString(CultureInfo.InvariantCulture)));
        return JsonSerializer.Serialize(new { rules = numbered }, MappingJson.Options);
    }

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
            ObjectLocator = new { SchemaName = Table.Schema, TableName = Table.Name },
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
