using System.Text.RegularExpressions;

namespace CdcDms.Contract.Lake;

/// <summary>
/// The records of a Kinesis shard from one to another, which is what one call of a function gets of a stream. The names of all that is
/// made of them tell the range: the same records give the same names, and two ranges, or two shards, never give one.
/// </summary>
public sealed partial record ShardRange
{
    private ShardRange(string shard, string first, string last, DateTime arrivedUtc) =>
        (Shard, First, Last, ArrivedUtc) = (shard, first, last, arrivedUtc);

    /// <summary>The twelve digits of the shard's id.</summary>
    public string Shard { get; }

    /// <summary>The shard's id.</summary>
    public string ShardId => $"shardId-{Shard}";

    /// <summary>Sequence number of the first record.</summary>
    public string First { get; }

    /// <summary>Sequence number of the last record.</summary>
    public string Last { get; }

    /// <summary>When the first record came into the stream (its approximate arrival), to the millisecond, UTC.</summary>
    public DateTime ArrivedUtc { get; }

    /// <summary>The range from what Kinesis tells of it.</summary>
    /// <param name="shardId">The shard's id: <c>shardId-000000000006</c> (AWS: Using Lambda to process records from Kinesis).</param>
    /// <param name="first">Sequence number of the first record.</param>
    /// <param name="last">Sequence number of the last record.</param>
    /// <param name="arrivedUtc">When the first record came into the stream.</param>
    /// <exception cref="CdcDmsException">One of them is of another form.</exception>
    public static ShardRange Of(string shardId, string first, string last, DateTime arrivedUtc) =>
        ShardPattern().Match(shardId) is { Success: true, Groups: [_, var digits] } && IsNumber(first) && IsNumber(last)
            ? new ShardRange(digits.Value, first, last, arrivedUtc)
            : throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The records of the shard '{shardId}' from '{first}' to '{last}' were not read: a shard is shardId- and twelve digits, "
                + "and a sequence number has digits only. Let the function get the events of a Kinesis stream.");

    /// <summary>The folder and name of a CDC file of the range.</summary>
    /// <param name="day">The day of the folder: that on which its changes were committed, or a later one.</param>
    /// <param name="shape">
    /// Sixteen lower-case hexadecimal digits that tell its columns, and the day of its changes, from those of the table's other files.
    /// </param>
    public string CdcName(DateOnly day, string shape) =>
        $"{ChangeFileName.DateFolder(day.ToDateTime(default))}/"
        + ChangeFileName.Cdc(ArrivedUtc, $"-{Shard}-{First}-{Last}-{shape}");

    /// <summary>
    /// The name of a full-load file of the range. It begins with a letter: full-load files must sort behind the date folders, or a
    /// listing that begins at a day would leave them out.
    /// </summary>
    /// <param name="shape"><inheritdoc cref="CdcName" path="/param[@name='shape']"/></param>
    public string LoadName(string shape) => $"SHARD{Shard}x{First}x{Last}x{shape}_{ChangeFileName.Load(1)}";

    /// <summary>The folder and name of an object that is no change file.</summary>
    /// <param name="extension">What the object is, without a dot.</param>
    public string OwnName(string extension) =>
        $"{ChangeFileName.DateFolder(ArrivedUtc)}/{Shard}-{First}-{Last}.{extension}";

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    [GeneratedRegex("^shardId-([0-9]{12})$", RegexOptions.CultureInvariant)]
    private static partial Regex ShardPattern();
}
