using System.Runtime.InteropServices;
using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// One side's row hashes on disk, in parts by key, so that any number of them can be joined in little memory: rows of one key are in the
/// same part on both sides.
/// </summary>
internal sealed class RowHashFiles : IDisposable
{
    private const int MostParts = 256;
    private const int BufferBytes = 1 << 14;

    private readonly FileStream[] _files;

    /// <summary>Makes empty files.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="side">The side, for the files' names.</param>
    /// <param name="parts">How many: <see cref="PartsFor"/>, the same for both sides.</param>
    public RowHashFiles(WorkFolder folder, string side, int parts) => _files =
    [
        .. Enumerable.Range(0, parts).Select(part => new FileStream(
            Path.Combine(folder.Path, $"{side}-{part}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes)),
    ];

    /// <summary>How many parts there are.</summary>
    public int Parts => _files.Length;

    /// <summary>How many parts a number of rows needs.</summary>
    public static int PartsFor(long rows, int rowsPerPart) => (int)Math.Clamp(rows / rowsPerPart, 1, MostParts);

    /// <summary>Adds a row.</summary>
    public void Add(RowHash row) =>
        _files[(int)((ulong)row.Key % (ulong)_files.Length)].Write(MemoryMarshal.AsBytes(new ReadOnlySpan<RowHash>(in row)));

    /// <summary>Adds rows of <see cref="ReadBytes"/>.</summary>
    public void Add(ReadOnlySpan<byte> rows)
    {
        foreach (var row in MemoryMarshal.Cast<byte, RowHash>(rows))
            Add(row);
    }

    /// <summary>The rows of a part, ordered.</summary>
    public RowHash[] Read(int part)
    {
        var rows = MemoryMarshal.Cast<byte, RowHash>(ReadBytes(part)).ToArray();
        Array.Sort(rows);
        return rows;
    }

    /// <summary>The rows of a part as bytes.</summary>
    public byte[] ReadBytes(int part)
    {
        var file = _files[part];
        file.Flush();
        file.Position = 0;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_files, file => file.Dispose());
}
