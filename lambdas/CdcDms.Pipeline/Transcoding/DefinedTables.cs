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
    private static readonly string[] NamesOfBytes = ["bytea", "pg_catalog.bytea"];

    private readonly Dictionary<TableName, DefinedTable> _tables;

    private DefinedTables(IEnumerable<DefinedTable> tables) => _tables = tables.ToDictionary(table => table.Name);

    /// <summary>The tables of some definitions; feeds come by other ways.</summary>
    /// <exception cref="CdcDmsException">
    /// One of them leaves its key, or the type of a column, to the target, or orders its changes by timestamps.
    /// </exception>
    public static DefinedTables Of(IReadOnlyList<TableDefinition> definitions)
    {
        var streamed = definitions.Where(table => table.Feed is null).ToList();
        if (streamed.Find(table => !table.MakesTarget) is { } incomplete)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The definition of {incomplete.Source} does not name its key and the type of each column, and a message of a stream does "
                + "not tell which of its texts are bytes: complete the definition, as `describe` writes it.");
        if (streamed.Find(table => table.Ordering is not ChangeOrdering.ChangeSequence) is { } unordered)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The definition of {unordered.Source} orders changes by timestamps, and the changes of one transaction come through a "
                + "stream in any order: remove `ordering`.");
        return new DefinedTables(streamed.Append(MarkerTable.Definition).Select(Of));
    }

    /// <summary>What is known of a table.</summary>
    /// <exception cref="MessageException">It is not defined.</exception>
    internal DefinedTable this[TableName name] => _tables.GetValueOrDefault(name)
        ?? throw new MessageException("its table is not defined, so which of its texts are bytes is not known");

    private static DefinedTable Of(TableDefinition table) => new(
        table.Source,
        table.Key ?? [],
        (table.Columns ?? []).Where(AreBytes).Select(column => column.From).ToHashSet(StringComparer.Ordinal));

    // Of another name for bytes, such as that of a domain, the texts park their table.
    private static bool AreBytes(ColumnMapping column) => NamesOfBytes.Contains(column.Type?.Trim(), StringComparer.OrdinalIgnoreCase);
}
