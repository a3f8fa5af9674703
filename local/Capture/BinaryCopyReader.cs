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

    private byte[] _buffer = new byte[1 << 18];
    private int _start;
    private int _end;

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
        while (_end < bytes)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
                throw new CdcDmsException(
                    ErrorKind.Unavailable, "The source ended a COPY in the middle of a row; start the capture again.");
            _end += read;
        }

        _start = bytes;
        return 0;
    }
}
