using System.Buffers.Binary;
using CdcDms.Contract;

namespace CdcDms.Local.Capture;

/// <summary>Reads the rows of a binary COPY field by field, without copying a field (PostgreSQL's COPY page, "Binary Format").</summary>
/// <param name="stream">The COPY's stream.</param>
/// <param name="mostBytes">Bytes that a field may have; nothing can be read after a longer one.</param>
internal sealed class BinaryCopyReader(Stream stream, long mostBytes)
{
    // Signature of 11 bytes, flags, length of the header's extension.
    private const int HeaderBytes = 11 + 4 + 4;

    // The stream gives one row at a time, and most rows are short.
    private const int BytesAhead = 1 << 17;

    private byte[] _buffer = new byte[BytesAhead * 2];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Skips the header. PostgreSQL has never written an extension.</summary>
    public async ValueTask ReadHeaderAsync(CancellationToken cancellationToken) =>
        await TakeAsync(HeaderBytes, cancellationToken);

    /// <summary>Begins the next row.</summary>
    /// <returns>False after the last row.</returns>
    public async ValueTask<bool> NextRowAsync(CancellationToken cancellationToken)
    {
        var at = await TakeAsync(sizeof(short), cancellationToken);
        return BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at)) >= 0;
    }

    /// <summary>Whether the row's fields are all here, and none is too large: then they can be taken without waiting.</summary>
    /// <param name="count">How many fields the row has.</param>
    public bool HasFields(int count)
    {
        var at = _start;
        for (var field = 0; field < count; field++)
        {
            if (_end - at < sizeof(int))
                return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            at += sizeof(int);
            if (length > mostBytes || length > _end - at)
                return false;
            at += Math.Max(length, 0);
        }

        return true;
    }

    /// <summary>Takes the next field of a row whose fields are all here.</summary>
    /// <returns>False when it is NULL.</returns>
    public bool TryTakeField(out ReadOnlySpan<byte> field)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        _start += sizeof(int);
        field = _buffer.AsSpan(_start, Math.Max(length, 0));
        _start += field.Length;
        return length >= 0;
    }

    /// <summary>Reads the row's next field into <see cref="Field"/>.</summary>
    /// <returns>False when it is NULL.</returns>
    public async ValueTask<bool> NextFieldAsync(CancellationToken cancellationToken)
    {
        var at = await TakeAsync(sizeof(int), cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
        if (length < 0)
            return false;
        if (length > mostBytes)
        {
            TooLargeBytes = length;
            return true;
        }

        // Taken first: a value that is larger than the buffer gets a new one.
        at = await TakeAsync(length, cancellationToken);
        Field = _buffer.AsMemory(at, length);
        return true;
    }

    /// <summary>Bytes of the field read last if it has too many; else 0.</summary>
    public int TooLargeBytes { get; private set; }

    /// <summary>The field read last; valid until the next one.</summary>
    public ReadOnlyMemory<byte> Field { get; private set; }

    private ValueTask<int> TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_end - _start < bytes)
            return FillAsync(bytes, cancellationToken);
        var at = _start;
        _start += bytes;
        return new ValueTask<int>(at);
    }

    private async ValueTask<int> FillAsync(int bytes, CancellationToken cancellationToken)
    {
        var rest = _buffer.AsMemory(_start.._end);
        if (bytes > _buffer.Length)
            _buffer = new byte[Math.Max(bytes, (int)Math.Min(_buffer.Length * 2L, Array.MaxLength))];
        rest.CopyTo(_buffer);
        (_start, _end) = (0, rest.Length);
        while (!_ended && _end < Math.Max(bytes, BytesAhead))
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _ended = read == 0;
            _end += read;
        }

        if (_end < bytes)
            throw new CdcDmsException(
                ErrorKind.Unavailable, "The source ended a COPY in the middle of a row; start the capture again.");
        _start = bytes;
        return 0;
    }
}
