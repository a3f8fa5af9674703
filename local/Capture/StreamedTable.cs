using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;

namespace CdcDms.Local.Capture;

/// <summary>A table as the stream describes it now, and the file that its changes go to.</summary>
internal sealed class StreamedTable(SourceTable table)
{
    /// <summary>Schema and name at the source.</summary>
    public TableName Name => table.Name;

    /// <summary>The table's OID in <c>pg_class</c>.</summary>
    public uint Oid => table.Oid;

    /// <summary>Whether the table is partitioned.</summary>
    public bool Partitioned => table.Partitioned;

    /// <summary>The columns that rows have now.</summary>
    public IReadOnlyList<FileColumn> Columns { get; private set; } = [];

    /// <summary>For each of <see cref="Columns"/>, whether the definition leaves it out, so that no file has it.</summary>
    public IReadOnlyList<bool> LeftOut { get; private set; } = [];

    /// <summary>Places among <see cref="Columns"/> of those that files have.</summary>
    public IReadOnlyList<int> Written { get; private set; } = [];

    /// <summary>Places of the key among <see cref="Columns"/>.</summary>
    public IReadOnlyList<int> Key { get; private set; } = [];

    /// <summary>The open file, if any.</summary>
    public ChangeFile? File { get; set; }

    /// <summary>Commit time of the open file's first change.</summary>
    public DateTime FileCommitUtc { get; set; }

    /// <summary>Bytes that the open file held when it was counted last.</summary>
    public long CountedBytes { get; set; }

    /// <summary>Takes a new set of columns; the file of the old one must be closed.</summary>
    /// <exception cref="CdcDmsException">The key is no longer among them.</exception>
    public void Describe(IReadOnlyList<FileColumn> columns)
    {
        Columns = columns;
        LeftOut = [.. columns.Select(column => table.Definition.LeaveOut?.Contains(column.Name) == true)];
        Written = [.. Enumerable.Range(0, columns.Count).Where(place => !LeftOut[place])];
        Key = [.. table.Key.Select(
            key => columns.Index().Where(column => column.Item.Name == key).Select(column => column.Index).SingleOrDefault(-1))];
        if (table.Key.Zip(Key).FirstOrDefault(place => place.Second < 0).First is { } missing)
            throw new CdcDmsException(ErrorKind.BadData,
                $"Column {missing}, of the key of table {Name}, is not in its rows any more: the column was dropped or renamed at the "
                + "source, or taken out of the publication.");
    }
}
