using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>
/// Collects rows in PostgreSQL's binary COPY format and hands them on in large pieces. Nothing is allocated per value.
/// Source of the format: PostgreSQL documentation, COPY, "Binary Format".
/// </summary>
internal sealed class CopyBuffer(Stream stream)
{
    // Large enough that a write is rarely a wait, small enough to stay in the processor's cache.
    private const int Capacity = 256 * 1024;
    private const int TrailerFieldCount = -1;

    private readonly byte[] _bytes = new byte[Capacity];
    private int _length;

    /// <summary>The bytes before the first row.</summary>
    public void Begin()
    {
        ReadOnlySpan<byte> signature = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00];
        signature.CopyTo(Take(signature.Length));
        Int32(0);
        Int32(0);
    }

    /// <summary>The number of fields before each row.</summary>
    public void Row(int fields) => Int16((short)fields);

    /// <summary>A NULL field.</summary>
    public void Null() => Int32(-1);

    /// <summary>A field of one byte.</summary>
    public void Field(bool value)
    {
        Int32(1);
        Take(1)[0] = value ? (byte)1 : (byte)0;
    }

    /// <summary>A field of two bytes.</summary>
    public void Field(short value)
    {
        Int32(sizeof(short));
        Int16(value);
    }

    /// <summary>A field of four bytes.</summary>
    public void Field(int value)
    {
        Int32(sizeof(int));
        Int32(value);
    }

    /// <summary>A field of eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Field(long value)
    {
        Int32(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);
    }

    /// <summary>A field of any length.</summary>
    public void Field(ReadOnlySpan<byte> bytes)
    {
        Int32(bytes.Length);
        Piece(bytes);
    }

    /// <summary>A field of any length after a first byte.</summary>
    public void Field(byte first, ReadOnlySpan<byte> bytes)
    {
        Int32(1 + bytes.Length);
        Take(1)[0] = first;
        Piece(bytes);
    }

    /// <summary>The bytes after the last row; everything is handed on.</summary>
    public void End()
    {
        Int16(TrailerFieldCount);
        Flush();
    }

    /// <summary>Room for a piece of a field, to be filled wholly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int length)
    {
        if (_length + length > Capacity)
            Flush();
        var room = _bytes.AsSpan(_length, length);
        _length += length;
        return room;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    private void Piece(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= Capacity)
        {
            bytes.CopyTo(Take(bytes.Length));
            return;
        }

        Flush();
        stream.Write(bytes);
    }

    private void Flush()
    {
        stream.Write(_bytes, 0, _length);
        _length = 0;
    }
}
