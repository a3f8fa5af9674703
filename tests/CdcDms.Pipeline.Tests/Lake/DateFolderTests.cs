using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Tests.Lake;

public sealed class DateFolderTests
{
    [Theory]
    [InlineData("2026/11/22/20261123-013830913.parquet", "2026/11/22")]
    [InlineData("2026/11/22/13/20261123-013830913.parquet", "2026/11/22")]
    [InlineData("2026/11/20261123-013830913.parquet", "2026/11")]
    [InlineData("2026-11-22-13/20261123-013830913.parquet", "2026-11-22")]
    [InlineData("2026_11/20261123-013830913.parquet", "2026_11")]
    [InlineData("2026112213/20261123-013830913.parquet", "20261122")]
    [InlineData("202611/20261123-013830913.parquet", "202611")]
    [InlineData("20261123-013830913.parquet", "20261123")]
    [InlineData("20261123-0138309131.parquet", "20261123")]
    [InlineData("2026/11/22", "2026/11/22")]
    [InlineData("19700101/19700101-013830913.parquet", "19700101")]
    public void A_folder_that_sorts_is_known_by_its_date(string path, string folder)
    {
        Assert.Equal(folder, DateFolder.Of(path)?.ToString());
        Assert.Equal(DateFolder.Of(path), DateFolder.Of(folder));
    }

    [Theory]
    [InlineData("22/11/2026/20261123-013830913.parquet")]
    [InlineData("11/2026/22/20261123-013830913.parquet")]
    [InlineData("19691231/19691231-013830913.parquet")]
    [InlineData("22112026/20261123-013830913.parquet")]
    [InlineData("20112026/20261123-013830913.parquet")]
    [InlineData("12201122/20111222-013830913.parquet")]
    [InlineData("2026/13/22/20261123-013830913.parquet")]
    [InlineData("2026-11_22/20261123-013830913.parquet")]
    [InlineData("new/2026/11/22/20261123-013830913.parquet")]
    public void Any_other_folder_tells_nothing(string path) => Assert.Null(DateFolder.Of(path));
}
