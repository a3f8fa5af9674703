using System.Numerics;
using CdcDms.Contract.Changes;
using Parquet.Data;
using Parquet.Schema;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// The columns of a change file, with the physical types, annotations and repetitions of the file that DMS itself has written
/// (docs/dms-contract.md#sample-file).
/// </summary>
internal static class ColumnBuffers
{
    /// <summary>
    /// Operation and timestamp. DMS declares the timestamp REQUIRED (docs/dms-contract.md#sample-file); that it does the same with the
    /// operation is inferred.
    /// </summary>
    public static ColumnBuffer Required(string name) => Text(name, ByteTexts.TryText, nullable: false);

    /// <summary>The change sequence, which the table mapping adds as a column of the table.</summary>
    public static ColumnBuffer Sequence() => Text(ChangeColumns.Sequence, ByteTexts.TryText);

    /// <summary>A column of the table: OPTIONAL, whatever the source declares.</summary>
    public static ColumnBuffer Of(FileColumn column) => column.IsBinary ? OfBinary(column) : OfTexts(column);

    private static ColumnBuffer OfTexts(FileColumn column) => column.Form switch
    {
        TextForm.Text => Text(column.Name, ByteTexts.TryText),
        TextForm.PaddedText => Text(column.Name, ByteTexts.TryPadded),
        TextForm.Interval => Text(column.Name, IntervalText.TryWords),
        TextForm.Bytes => Bytes(column.Name, ByteTexts.TryHexadecimal),
        TextForm.Boolean => Plain<bool>(column.Name, NumberTexts.TryBoolean),
        TextForm.SmallInt => Plain<short>(column.Name, NumberTexts.TryWhole),
        TextForm.Integer => Plain<int>(column.Name, NumberTexts.TryWhole),
        TextForm.BigInt => Plain<long>(column.Name, NumberTexts.TryWhole),
        TextForm.Real => Plain<float>(column.Name, NumberTexts.TryFloating),
        TextForm.Double => Plain<double>(column.Name, NumberTexts.TryFloating),
        TextForm.Decimal => Decimal(column, NumberTexts.TryUnscaled),
        TextForm.Date => Temporal<int>(column.Name, DateTimeFormat.Date, DateTimeTexts.TryDays),
        TextForm.Timestamp => Temporal<long>(column.Name, DateTimeFormat.DateAndTimeMicros, DateTimeTexts.TryMicroseconds),
        TextForm.Time => Time(column.Name, DateTimeTexts.TryMilliseconds),
        _ => throw new InvalidOperationException($"{column.Form} has no type in a file."),
    };

    private static ColumnBuffer OfBinary(FileColumn column) => column.Form switch
    {
        TextForm.Text => Text(column.Name, ByteTexts.TryText),
        TextForm.PaddedText => Text(column.Name, ByteTexts.TryPadded),
        TextForm.Bytes => Bytes(column.Name, BinaryValues.TryBytes),
        TextForm.Boolean => Plain<bool>(column.Name, BinaryValues.TryBoolean),
        TextForm.SmallInt => Plain<short>(column.Name, BinaryValues.TryInt16),
        TextForm.Integer => Plain<int>(column.Name, BinaryValues.TryInt32),
        TextForm.BigInt => Plain<long>(column.Name, BinaryValues.TryInt64),
        TextForm.Real => Plain<float>(column.Name, BinaryValues.TrySingle),
        TextForm.Double => Plain<double>(column.Name, BinaryValues.TryDouble),
        TextForm.Decimal => Decimal(column, NumericBinary.TryUnscaled),
        TextForm.Date => Temporal<int>(column.Name, DateTimeFormat.Date, BinaryValues.TryDays),
        TextForm.Timestamp => Temporal<long>(column.Name, DateTimeFormat.DateAndTimeMicros, BinaryValues.TryMicroseconds),
        TextForm.Time => Time(column.Name, BinaryValues.TryMilliseconds),
        _ => throw new InvalidOperationException($"{column.Form} is read as text only."),
    };

    private static DataField<T> Optional<T>(string name) => new(name, nullable: true);

    private static BytesBuffer Text(string name, BytesConversion convert, bool nullable = true) =>
        new(new DataField<string>(name, nullable), new DataField<ReadOnlyMemory<byte>>(name, nullable), convert);

    private static BytesBuffer Bytes(string name, BytesConversion convert) =>
        new(Optional<byte[]>(name), Optional<ReadOnlyMemory<byte>>(name), convert);

    private static ValueBuffer<T> Plain<T>(string name, ValueReader<T> read) where T : struct =>
        new(Optional<T>(name), Optional<T>(name), read);

    private static ValueBuffer<T> Temporal<T>(string name, DateTimeFormat format, ValueReader<T> read) where T : struct =>
        new(new DateTimeDataField(name, format, isNullable: true), Optional<T>(name), read);

    private static ValueBuffer<int> Time(string name, ValueReader<int> read)
    {
        // Not adjusted to UTC: DuckDB would read the time of day as one with a zone.
        var declared = new TimeDataField(name, TimeUnitPrecision.Millis, isNullable: true) { IsAdjustedToUtc = false };
        return new ValueBuffer<int>(declared, Optional<int>(name), read);
    }

    private static ValueBuffer<BigDecimal> Decimal(FileColumn column, UnscaledReader read)
    {
        return new ValueBuffer<BigDecimal>(Field(), Field(), Read);

        BigDecimalDataField Field() => new(column.Name, column.Precision, column.Scale, isNullable: true);

        bool Read(ReadOnlySpan<byte> sent, out BigDecimal value)
        {
            var fits = read(sent, column.Precision, column.Scale, out var unscaled);
            value = new BigDecimal(unscaled, column.Precision, column.Scale);
            return fits;
        }
    }

    private delegate bool UnscaledReader(ReadOnlySpan<byte> sent, int precision, int scale, out BigInteger unscaled);
}
