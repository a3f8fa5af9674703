using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>What a message does not tell of its table.</summary>
/// <param name="Name">The source table.</param>
/// <param name="Key">Source names of the columns that identify a row.</param>
/// <param name="Bytes">Source names of the columns that hold bytes, which a message has as hexadecimal text.</param>
internal sealed record DefinedTable(TableName Name, IReadOnlyList<string> Key, IReadOnlySet<string> Bytes);

/// <summary>The tables whose messages are transcoded: those that are defined, and that of the markers.</summary>
public sealed class DefinedTables
{
    private const string BytesType = "bytea";

    private readonly Dictionary<TableName, DefinedTable> _tables;

    private DefinedTables(IEnumerable<DefinedTable> tables) => _tables = tables.ToDictionary(table => table.Name);

    /// <summary>The tables of some definitions; feeds come by other ways.</summary>
    /// <exception cref="CdcDmsException">One of them leaves its key, or the type of a column, to the target.</exception>
    public static DefinedTables Of(IReadOnlyList<TableDefinition> definitions)
    {
        var streamed = definitions.Where(table => table.Feed is null).ToList();
        return streamed.Find(table => !table.MakesTarget) is { } incomplete
            ? throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The definition of {incomplete.Source} does not name its key and the type of each column, and a message of a stream does "
                + "not tell which of its texts are bytes: complete the definition, as `describe` writes it.")
            : new DefinedTables(streamed.Append(MarkerTable.Definition).Select(Of));
    }

    /// <summary>What is known of a table.</summary>
    /// <exception cref="MessageException">It is not defined.</exception>
    internal DefinedTable this[TableName name] => _tables.GetValueOrDefault(name)
        ?? throw new MessageException("its table is not defined, so which of its texts are bytes is not known");

    private static DefinedTable Of(TableDefinition table) => new(
        table.Source,
        table.Key ?? [],
        (table.Columns ?? []).Where(column => column.Type is BytesType).Select(column => column.From).ToHashSet(StringComparer.Ordinal));
}
