using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// The rows of a batch that become one change file: of one table, of a full load or committed on one day, with the same columns. Every
/// column is text, as it stood in the messages, but for those that hold bytes.
/// </summary>
internal sealed class StreamedFile
{
    private readonly TextColumn[] _columns;

    /// <param name="table">The source table.</param>
    /// <param name="committed">The day on which the changes were committed; null for rows of a full load.</param>
    /// <param name="columns">The columns of the rows, in their order, with those that the merge expects; no two of one name.</param>
    public StreamedFile(DefinedTable table, DateOnly? committed, IReadOnlyList<string> columns)
    {
        (Table, Committed) = (table.Name, committed);
        Names = [ChangeColumns.Operation, ChangeColumns.Timestamp, .. columns, ChangeColumns.Sequence];
        HoldBytes = [.. Names.Select(name => table.Bytes.Contains(name) || table.Bytes.Any(of => ChangeColumns.BeforeImage(of) == name))];
        _columns = [.. Names.Select(_ => new TextColumn())];
    }

    /// <summary>The source table.</summary>
    public TableName Table { get; }

    /// <summary>The day on which the changes were committed; null for rows of a full load.</summary>
    public DateOnly? Committed { get; }

    /// <summary>The names of the columns.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Of each column, whether it holds bytes.</summary>
    public IReadOnlyList<bool> HoldBytes { get; }

    /// <summary>
    /// Sixteen hexadecimal digits of the day, the columns and which of them hold bytes. The table and the range of records beside them,
    /// they name the file: nothing else, such as another table of the batch or an older definition, can give this name to other rows. Files
    /// of more columns sort before those of fewer: of two changes of one row the merge takes the newest whole row first, and then what a
    /// change tells that lacks columns.
    /// </summary>
    public string Shape
    {
        get
        {
            var columns = Names.Select((name, index) => HoldBytes[index] ? $"{name}\0\0" : name);
            var told = Encoding.UTF8.GetBytes(string.Join('\0', columns.Prepend($"{Committed:O}")));
            return Rank.ToString("x4", CultureInfo.InvariantCulture)
                + Convert.ToHexStringLower(SHA256.HashData(told).AsSpan(0, 6));
        }
    }

    // Old keys are no columns of the row. Files that tell them come behind those that tell as much and have none.
    private int Rank
    {
        get
        {
            var old = Names.Count(name => name.StartsWith(ChangeColumns.BeforeImagePrefix, StringComparison.Ordinal));
            return ushort.MaxValue - (2 * (Names.Count - old)) + (old > 0 ? 1 : 0);
        }
    }

    /// <summary>Rows so far.</summary>
    public int Rows { get; private set; }

    /// <summary>A column's values.</summary>
    public TextColumn this[int column] => _columns[column];

    /// <summary>Adds a row.</summary>
    /// <param name="operation">What <see cref="ChangeColumns.Operation"/> says.</param>
    /// <param name="timestamp">What <see cref="ChangeColumns.Timestamp"/> says.</param>
    /// <param name="message">Whose row it is.</param>
    /// <param name="values">The value of each column behind these two, in the order of <see cref="Names"/>.</param>
    /// <exception cref="MessageException">A value of bytes has another form than DMS's; then nothing is added.</exception>
    public void Add(byte operation, ReadOnlySpan<byte> timestamp, DmsMessage message, ReadOnlySpan<MessageText> values)
    {
        const int ofMerge = 2;
        for (var index = 0; index < values.Length; index++)
            if (HoldBytes[index + ofMerge] && values[index].IsThere && !TextColumn.IsHexadecimal(message[values[index]]))
                throw new MessageException(
                    $"its column {Names[index + ofMerge]} holds bytes, and its text is not 0x and hexadecimal digits");
        _columns[0].Add([operation]);
        _columns[1].Add(timestamp);
        for (var index = 0; index < values.Length; index++)
        {
            var column = _columns[index + ofMerge];
            if (!values[index].IsThere)
                column.AddNull();
            else if (HoldBytes[index + ofMerge])
                column.AddHexadecimal(message[values[index]]);
            else
                column.Add(message[values[index]]);
        }

        Rows++;
    }
}
