using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>Where the members of messages that have the same ones, in the same order, stand in a file.</summary>
internal sealed class RowLayout
{
    private const int None = -1;

    private readonly StreamedFile _file;

    // Of each column behind operation and timestamp, the place of its value among the old values and among the data.
    private readonly (int Before, int Data)[] _sources;
    private readonly MessageText[] _values;

    private RowLayout(StreamedFile file, (int Before, int Data)[] sources) =>
        (_file, _sources, _values) = (file, sources, new MessageText[sources.Length]);

    /// <summary>
    /// The columns of a message's row, sorted, so that files of one shape are so in whatever order messages had their members; without the
    /// change sequence. With an update that tells old values, also the key's old values.
    /// </summary>
    /// <exception cref="MessageException">
    /// A reader could not tell two of the columns apart, or no table of PostgreSQL can have these columns.
    /// </exception>
    public static IReadOnlyList<string> ColumnsOf(DmsMessage message, bool isUpdate, DefinedTable table)
    {
        var names = message.Data.Select(member => message.String(member.Name));
        var columns = names.Where(name => name != ChangeColumns.Sequence).ToList();
        if (columns.Count > PostgresNames.MostColumns || columns.Contains(""))
            throw new MessageException($"it has a column without a name, or more than {PostgresNames.MostColumns}");
        if (columns.Find(name => ChangeColumns.All.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } reserved)
            throw new MessageException($"it has a column {reserved}, whose name the pipeline needs");
        if (isUpdate)
            columns.AddRange(OldKey(message, columns, table));
        var same = columns.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(alike => alike.Count() > 1);
        if (same is not null || message.Data.Count(member => message[member.Name].SequenceEqual(SequenceName)) > 1)
            throw new MessageException($"it has a column {same?.Key ?? ChangeColumns.Sequence} twice, or two that differ only by case");
        columns.Sort(StringComparer.Ordinal);
        return columns;
    }

    // Told beside the data, or among them by the rule of the direct route: where a part is told, there is a column for all of the key.
    private static IEnumerable<string> OldKey(DmsMessage message, List<string> data, DefinedTable table)
    {
        var key = table.Key.Select(ChangeColumns.BeforeImage);
        return message.Before.Any(member => table.Key.Contains(message.String(member.Name))) ? key
            : key.Any(data.Contains) ? key.Except(data)
            : [];
    }

    /// <summary>The layout of messages like one, in a file that has its columns.</summary>
    public static RowLayout Of(DmsMessage message, StreamedFile file, DefinedTable table)
    {
        var before = Places(message, message.Before);
        var data = Places(message, message.Data);
        return new RowLayout(file, [.. file.Names.Skip(2).Select(Source)]);

        // A message may tell only those columns of an old key that changed; the others were as they are.
        (int Before, int Data) Source(string column) =>
            table.Key.FirstOrDefault(key => ChangeColumns.BeforeImage(key) == column) is { } old && !data.ContainsKey(column)
                ? (before.GetValueOrDefault(old, None), data.GetValueOrDefault(old, None))
                : (None, data.GetValueOrDefault(column, None));
    }

    /// <summary>Adds a message's row to the file.</summary>
    /// <exception cref="MessageException">A value of bytes has another form than DMS's.</exception>
    public void Add(byte operation, ReadOnlySpan<byte> timestamp, DmsMessage message)
    {
        for (var index = 0; index < _sources.Length; index++)
            _values[index] = _sources[index] switch
            {
                ( >= 0 and var before, _) => message.Before[before].Value,
                (_, >= 0 and var data) => message.Data[data].Value,
                _ => default,
            };
        _file.Add(operation, timestamp, message, _values);
    }

    private static ReadOnlySpan<byte> SequenceName => "cdc_change_seq"u8;

    private static Dictionary<string, int> Places(DmsMessage message, IReadOnlyList<MessageMember> members)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < members.Count; index++)
            places[message.String(members[index].Name)] = index;
        return places;
    }
}
