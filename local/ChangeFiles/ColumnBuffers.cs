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
    public static ColumnBuffer Of(FileColumn column) => column.Form switch
    {
        TextForm.Text => Text(column.Name, ByteTexts.TryText),
        TextForm.PaddedText => Text(column.Name, ByteTexts.TryPadded),
        TextForm.Interval => Text(column.Name, IntervalText.TryWords),
        TextForm.Bytes => Bytes(column.Name),
        TextForm.Boolean => Plain<bool>(column.Name, NumberTexts.TryBoolean),
        TextForm.SmallInt => Plain<short>(column.Name, NumberTexts.TryWhole),
        TextForm.Integer => Plain<int>(column.Name, NumberTexts.TryWhole),
        TextForm.BigInt => Plain<long>(column.Name, NumberTexts.TryWhole),
        TextForm.Real => Plain<float>(column.Name, NumberTexts.TryFloating),
        TextForm.Double => Plain<double>(column.Name, NumberTexts.TryFloating),
        TextForm.Decimal => Decimal(column.Name, column.Precision, column.Scale),
        TextForm.Date => Temporal<int>(column.Name, DateTimeFormat.Date, DateTimeTexts.TryDays),
        TextForm.Timestamp => Temporal<long>(column.Name, DateTimeFormat.DateAndTimeMicros, DateTimeTexts.TryMicroseconds),
        TextForm.Time => Time(column.Name),
        _ => throw new InvalidOperationException($"{column.Form} has no type in a file."),
    };

    private static DataField<T> Optional<T>(string name) => new(name, nullable: true);

    private static BytesBuffer Text(string name, TextConversion convert, bool nullable = true) =>
        new(new DataField<string>(name, nullable), new DataField<ReadOnlyMemory<byte>>(name, nullable), convert);

    private static BytesBuffer Bytes(string name) =>
        new(Optional<byte[]>(name), Optional<ReadOnlyMemory<byte>>(name), ByteTexts.TryHexadecimal);

    private static ValueBuffer<T> Plain<T>(string name, TextReader<T> read) where T : struct =>
        new(Optional<T>(name), Optional<T>(name), read);

    private static ValueBuffer<T> Temporal<T>(string name, DateTimeFormat format, TextReader<T> read) where T : struct =>
        new(new DateTimeDataField(name, format, isNullable: true), Optional<T>(name), read);

    private static ValueBuffer<int> Time(string name)
    {
        // Not adjusted to UTC: DuckDB would read the time of day as one with a zone.
        var declared = new TimeDataField(name, TimeUnitPrecision.Millis, isNullable: true) { IsAdjustedToUtc = false };
        return new ValueBuffer<int>(declared, Optional<int>(name), DateTimeTexts.TryMilliseconds);
    }

    private static ValueBuffer<BigDecimal> Decimal(string name, int precision, int scale)
    {
        return new ValueBuffer<BigDecimal>(Field(), Field(), Read);

        BigDecimalDataField Field() => new(name, precision, scale, isNullable: true);

        bool Read(ReadOnlySpan<byte> text, out BigDecimal value)
        {
            var fits = NumberTexts.TryUnscaled(text, precision, scale, out var unscaled);
            value = new BigDecimal(unscaled, precision, scale);
            return fits;
        }
    }
}
