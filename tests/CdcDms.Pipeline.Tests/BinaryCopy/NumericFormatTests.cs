using System.Globalization;
using System.Text;
using CdcDms.Pipeline.BinaryCopy;

namespace CdcDms.Pipeline.Tests.BinaryCopy;

public sealed class NumericFormatTests(TestServers servers)
{
    private const int Numbers = 20_000;

    [Fact]
    public async Task Every_decimal_reads_as_PostgreSQL_reads_its_text()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        Int128[] edges = [0, 1, -1, 9999, 10_000, -10_001, ulong.MaxValue, (Int128)ulong.MaxValue + 1, Int128.MaxValue, Int128.MinValue];
        var numbers = Enumerable.Range(0, Numbers).Select(_ => (Unscaled: Any(random), Scale: random.Next(39)))
            .Concat(from scale in Enumerable.Range(0, 39)
                    from unscaled in edges
                    select (unscaled, scale));
        await using var database = await servers.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE numbers (sent numeric, text text)");
        await using (var connection = await database.OpenAsync())
        await using (var copy = await connection.BeginRawBinaryCopyAsync("COPY numbers FROM STDIN (FORMAT BINARY)"))
        {
            var buffer = new CopyBuffer(copy);
            buffer.Begin();
            foreach (var (unscaled, scale) in numbers)
            {
                buffer.Row(2);
                NumericFormat.Write(buffer, unscaled, scale);
                buffer.Field(Encoding.ASCII.GetBytes(Text(unscaled, scale)));
            }

            buffer.End();
        }

        // Equal as text (digits and scale), and in the bytes that PostgreSQL itself would send.
        var wrong = await database.ScalarAsync<string>(
            "SELECT min(text || ' came as ' || sent) FROM numbers"
            + " WHERE sent::text <> text::numeric::text OR numeric_send(sent) <> numeric_send(text::numeric)");
        Assert.True(wrong is null, $"{wrong}; seed {seed}");
        Assert.Equal(Numbers + 390, await database.ScalarAsync<long>("SELECT count(*) FROM numbers"));
    }

    /// <summary>Numbers of every magnitude, often with runs of zeros and nines.</summary>
    private static Int128 Any(Random random)
    {
        Int128 number = 0;
        for (var digits = random.Next(1, 39); digits > 0; digits--)
            number = number * 10 + random.Next(4) switch { 0 => 0, 1 => 9, _ => random.Next(10) };
        return random.Next(2) == 0 ? number : -number;
    }

    private static string Text(Int128 unscaled, int scale)
    {
        var digits = unscaled.ToString(CultureInfo.InvariantCulture).TrimStart('-').PadLeft(scale + 1, '0');
        return $"{(unscaled < 0 ? "-" : "")}{digits[..^scale]}.{digits[^scale..]}".TrimEnd('.');
    }
}
