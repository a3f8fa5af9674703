using System.Globalization;

namespace CdcDms.Local.ChangeFiles;

/// <summary>The forms that PostgreSQL's text of a value can have, as far as a change file tells them apart.</summary>
internal enum TextForm
{
    /// <summary>Any text: written as it is.</summary>
    Text,

    /// <summary><c>char(n)</c>: text with blanks at its end, which DMS trims (docs/dms-contract.md#postgresql-types).</summary>
    PaddedText,

    /// <summary>An interval in ISO 8601.</summary>
    Interval,

    /// <summary><c>bytea</c> in hexadecimal digits.</summary>
    Bytes,

    /// <summary><c>t</c> or <c>f</c>.</summary>
    Boolean,

    /// <summary>A whole number of 16 bits.</summary>
    SmallInt,

    /// <summary>A whole number of 32 bits.</summary>
    Integer,

    /// <summary>A whole number of 64 bits.</summary>
    BigInt,

    /// <summary>A floating-point number of 32 bits.</summary>
    Real,

    /// <summary>A floating-point number of 64 bits.</summary>
    Double,

    /// <summary>A decimal number, or money in the C locale.</summary>
    Decimal,

    /// <summary>A date in ISO 8601.</summary>
    Date,

    /// <summary>A time of day, with or without a zone.</summary>
    Time,

    /// <summary>A date and a time of day in UTC.</summary>
    Timestamp,
}

/// <summary>A table's column in a change file. Two that are equal are written alike.</summary>
internal sealed record FileColumn
{
    /// <summary>The source column's name.</summary>
    public required string Name { get; init; }

    /// <summary>The form of its values' texts, which decides its type in the file.</summary>
    public required TextForm Form { get; init; }

    /// <summary>Whether its values come in PostgreSQL's binary format (<see cref="BinaryValues"/>), and not as texts.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Digits of a <see cref="TextForm.Decimal"/>, 1 to 38.</summary>
    public int Precision { get; init; }

    /// <summary>Digits after the point of a <see cref="TextForm.Decimal"/>, 0 to <see cref="Precision"/>.</summary>
    public int Scale { get; init; }

    /// <summary>The type in the file, for a sentence.</summary>
    public string TypeName => Form switch
    {
        TextForm.Decimal => string.Create(CultureInfo.InvariantCulture, $"DECIMAL({Precision},{Scale})"),
        TextForm.Text or TextForm.PaddedText or TextForm.Interval => "text in UTF-8",
        _ => Form.ToString().ToUpperInvariant(),
    };
}
