using System.Text;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The table definitions, which the workflow itself carries: an EventBridge input is limited to 8,192 characters and a Lambda
/// environment to 4 KB (AWS: EventBridge quotas, Lambda quotas).
/// </summary>
internal static class CarriedTables
{
    /// <summary>The name of a definition at <c>$.table</c>, as <c>schema.name</c>.</summary>
    public const string TableName = "States.Format('{}.{}', $.table.schema, $.table.name)";

    // A state holds 256 KiB (AWS: Step Functions quotas); what a batch adds to the definitions must fit, too.
    private const int MostBytes = 100 * 1024;

    /// <summary>The definitions as a state's result.</summary>
    /// <exception cref="CdcDmsException">They are too large.</exception>
    public static object[] Of(IReadOnlyList<TableDefinition> tables)
    {
        var json = JsonSerializer.Serialize(tables, ContractJson.Default.IReadOnlyListTableDefinition);
        var bytes = Encoding.UTF8.GetByteCount(json);
        return bytes <= MostBytes
            ? (object[])TemplateObject.Of(json)
            : throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"$.tables: the {tables.Count} definitions take {bytes} bytes and the workflow can carry {MostBytes}: "
                + "leave out columns where the target table exists, or divide the tables among two environments.");
    }
}
