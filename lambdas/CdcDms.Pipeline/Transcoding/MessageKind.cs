using CdcDms.Contract.Changes;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>What a message is, as its metadata tell.</summary>
internal abstract record MessageKind
{
    // What DMS sends of tables and columns (AWS: Using Amazon Kinesis Data Streams as a target). The first two come with every task.
    private const string CreateTable = "create-table";
    private const string DropTable = "drop-table";

    private static readonly HashSet<string> Alterations =
        ["rename-table", "change-columns", "add-column", "drop-column", "rename-column", "column-type-change"];

    private MessageKind()
    {
    }

    /// <summary>A change of a row.</summary>
    /// <param name="Operation">What <see cref="ChangeColumns.Operation"/> says of it.</param>
    public sealed record Change(byte Operation) : MessageKind;

    /// <summary>A row of a full load.</summary>
    public sealed record Load : MessageKind;

    /// <summary>A message about a table or a column.</summary>
    /// <param name="Alteration">What changed; null when nothing did.</param>
    public sealed record Control(string? Alteration) : MessageKind;

    /// <summary>A row of one of DMS's own tables.</summary>
    public sealed record OfDms : MessageKind;

    private static readonly MessageKind Insert = new Change((byte)'I');
    private static readonly MessageKind Update = new Change((byte)'U');
    private static readonly MessageKind Delete = new Change((byte)'D');
    private static readonly MessageKind Loaded = new Load();
    private static readonly MessageKind Unaltered = new Control(null);
    private static readonly MessageKind Own = new OfDms();

    /// <summary>What a message is.</summary>
    /// <exception cref="MessageException">Its metadata do not tell, or tell what nobody knows.</exception>
    public static MessageKind Of(DmsMessage message)
    {
        var (schema, table) = (message.Metadata("schema-name"u8), message.Metadata("table-name"u8));
        if (!schema.IsThere || table.Length == 0)
            throw new MessageException("its metadata name no table");
        var isOfDms = schema.Length == 0 || message[table].StartsWith("awsdms_"u8);
        var type = message[message.Metadata("record-type"u8)];
        if (type.SequenceEqual("control"u8))
            return OfControl(message.String(message.Metadata("operation"u8)), isOfDms);
        if (!type.SequenceEqual("data"u8))
            throw new MessageException("its record-type is neither data nor control");
        if (isOfDms)
            return Own;
        if (message.Data.Count == 0)
            throw new MessageException(message.HasData ? "its data has no column" : "it has no data");
        return OfData(message[message.Metadata("operation"u8)]);
    }

    private static MessageKind OfControl(string operation, bool isOfDms) => operation switch
    {
        CreateTable or DropTable => Unaltered,
        _ when !Alterations.Contains(operation) => throw new MessageException("its operation is none of those that DMS has for tables"),
        _ => isOfDms ? Unaltered : new Control(operation),
    };

    private static MessageKind OfData(ReadOnlySpan<byte> operation) =>
        operation.SequenceEqual("insert"u8) ? Insert
        : operation.SequenceEqual("update"u8) ? Update
        : operation.SequenceEqual("delete"u8) ? Delete
        : operation.SequenceEqual("load"u8) ? Loaded
        : throw new MessageException("its operation is none of load, insert, update and delete");
}
