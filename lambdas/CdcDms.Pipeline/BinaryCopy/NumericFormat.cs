namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>
/// Writes a decimal as PostgreSQL's binary <c>numeric</c>: digits in base 10,000 with a weight, a sign and a display scale
/// (PostgreSQL source, <c>numeric_send</c>). Exact for every 38-digit decimal, which no .NET number with a point holds.
/// </summary>
internal static class NumericFormat
{
    private const int GroupDigits = 4;
    private const uint GroupRange = 10_000;
    private const int HeaderBytes = 4 * sizeof(short);
    private const short Negative = 0x4000;

    // 38 digits make at most 10 groups before the point and 10 after it, one of each not full.
    private const int MaxGroups = 20;

    private static readonly UInt128[] PowersOfTen = Powers();

    /// <summary>Writes one field.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="unscaled">The value without its point.</param>
    /// <param name="scale">Digits after the point, 0 to 38.</param>
    public static void Write(CopyBuffer buffer, Int128 unscaled, int scale)
    {
        Span<short> groups = stackalloc short[MaxGroups];
        var magnitude = unscaled < 0 ? (UInt128)(-unscaled) : (UInt128)unscaled;
        var whole = scale == 0 ? magnitude : magnitude / PowersOfTen[scale];
        var fraction = scale == 0 ? UInt128.Zero : magnitude - whole * PowersOfTen[scale];

        // The groups are filled from the middle outwards: before the point leftwards, after it up to its last digit.
        const int point = MaxGroups / 2;
        var first = Fill(groups[..point], whole);
        var last = point;
        if (scale > 0)
        {
            var fractionGroups = (scale + GroupDigits - 1) / GroupDigits;
            var partial = scale % GroupDigits;
            if (partial > 0)
            {
                var (rest, tail) = UInt128.DivRem(fraction, PowersOfTen[partial]);
                groups[point + fractionGroups - 1] = (short)((uint)tail * (uint)PowersOfTen[GroupDigits - partial]);
                Fill(groups.Slice(point, fractionGroups - 1), rest);
            }
            else
                Fill(groups.Slice(point, fractionGroups), fraction);
            last = point + fractionGroups;
        }

        while (first < last && groups[first] == 0)
            first++;
        while (last > first && groups[last - 1] == 0)
            last--;

        buffer.Int32(HeaderBytes + (last - first) * sizeof(short));
        buffer.Int16((short)(last - first));
        buffer.Int16((short)(point - 1 - first));
        buffer.Int16(unscaled < 0 ? Negative : (short)0);
        buffer.Int16((short)scale);
        for (var index = first; index < last; index++)
            buffer.Int16(groups[index]);
    }

    /// <summary>Fills groups from the right; gives the index of the leftmost group that was needed.</summary>
    private static int Fill(Span<short> groups, UInt128 value)
    {
        var at = groups.Length;
        // 64-bit division is many times faster than 128-bit division, so the value is split before it is taken apart.
        while (value > ulong.MaxValue)
        {
            (value, var low) = UInt128.DivRem(value, PowersOfTen[4 * GroupDigits]);
            var piece = (ulong)low;
            for (var group = 0; group < 4; group++, piece /= GroupRange)
                groups[--at] = (short)(piece % GroupRange);
        }

        for (var rest = (ulong)value; rest > 0; rest /= GroupRange)
            groups[--at] = (short)(rest % GroupRange);
        groups[..at].Clear();
        return at;
    }

    private static UInt128[] Powers()
    {
        var powers = new UInt128[39];
        powers[0] = 1;
        for (var power = 1; power < powers.Length; power++)
            powers[power] = powers[power - 1] * 10;
        return powers;
    }
}
