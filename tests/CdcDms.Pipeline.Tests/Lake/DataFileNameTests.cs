using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Tests.Lake;

public sealed class DataFileNameTests
{
    [Theory]
    [InlineData("part-0.parquet", true)]
    [InlineData("part-0.snappy.parquet", true)]
    [InlineData("day=2026-01-01/PART-0.PARQ", true)]
    [InlineData("_day=2026-01-01/part-0.pq.gz", true)]
    [InlineData("_temporary/0/part-0.parquet", false)]
    [InlineData("day=2026-01-01/.part-0.parquet", false)]
    [InlineData("_delta_log/00000000000000000010.checkpoint.parquet", false)]
    [InlineData(".part-0.parquet.crc", false)]
    [InlineData("part-0.csv", false)]
    public void A_data_file_has_an_ending_of_Parquet_and_no_part_of_its_path_is_hidden(string path, bool isData) =>
        Assert.Equal(isData, DataFileName.IsData(path));
}
