using CdcDms.Contract.Changes;

namespace CdcDms.Contract.Tests;

public class ChangeVersionTests
{
    [Fact]
    public void A_version_from_the_wal_is_its_commit_time_and_its_lsn()
    {
        var version = ChangeVersion.FromWal(new DateTime(2026, 11, 22, 17, 30, 5, 129, DateTimeKind.Utc), 0x16_B374_D848);

        Assert.Equal("20261122173005120000000097500059720", version.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026112217300512000000009750005972")]
    [InlineData("202611221730051200000000975000597200")]
    [InlineData("2026112217300512000000009750005972x")]
    [InlineData("-0261122173005120000000097500059720")]
    public void Anything_but_35_digits_is_no_version(string text) => Assert.False(ChangeVersion.TryParse(text, out _));

    [Fact]
    public void Text_order_is_version_order()
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        ChangeVersion[] rising =
        [
            ChangeVersion.Snapshot,
            ChangeVersion.FromWal(time, 9),
            ChangeVersion.FromWal(time, 10),
            ChangeVersion.FromWal(time.AddMilliseconds(10), 1),
        ];

        Assert.Equal(rising, rising.Reverse().Order());
        Assert.Equal(rising, rising.Reverse().OrderBy(version => version.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public void A_version_is_read_as_it_is_written()
    {
        const string text = "20261122173005120000000097500059720";

        Assert.True(ChangeVersion.TryParse(text, out var version));
        Assert.Equal(text, version.ToString());
        Assert.Equal(version, ChangeVersion.Parse(text));
        Assert.Equal(ErrorKind.BadData, Assert.Throws<CdcDmsException>(() => ChangeVersion.Parse(text[1..])).Kind);
    }

    [Theory]
    [InlineData("20261122173005120000000097500059720", "20261023173005120000000000000000000")]
    [InlineData("00010102000000000000000000000000007", "00000000000000000000000000000000000")]
    [InlineData("00000000000000000000000000000000042", "00000000000000000000000000000000000")]
    public void A_month_before_a_version_is_that_of_its_time_and_before_one_without_a_time_nothing(string version, string before) =>
        Assert.Equal(before, ChangeVersion.Parse(version).Before(TimeSpan.FromDays(30)).ToString());

    [Fact]
    public void Operators_compare_as_the_order_does()
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var (earlier, later) = (ChangeVersion.FromWal(time, 9), ChangeVersion.FromWal(time, 10));
        var same = earlier;

        Assert.Equal((true, false, false), (earlier < later, later < earlier, earlier < same));
        Assert.Equal((false, true, false), (earlier > later, later > earlier, earlier > same));
        Assert.Equal((true, false, true), (earlier <= later, later <= earlier, earlier <= same));
        Assert.Equal((false, true, true), (earlier >= later, later >= earlier, earlier >= same));
    }
}
