using CdcDms.Functions.Tables;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions.Tests.Tables;

public sealed class BatchBoundsTests
{
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData(1024, 900, 10_000, 900)]
    [InlineData(100, 900, 10_000, 100)]
    [InlineData(1024, 900, 512, 128)]
    [InlineData(1024, 0, 10_000, 1)]
    public void A_batch_is_bounded_by_what_is_asked_for_by_time_and_by_storage(int wanted, int seconds, int free, int expected) =>
        Assert.Equal(expected * Megabyte, Of(wanted, seconds, free).Bytes);

    [Theory]
    [InlineData(900, 10_000, 900, 5_000, 9_000_000)]
    [InlineData(60, 10_000, 60, 1_200, 600_000)]
    [InlineData(900, 512, 128, 5_000, 9_000_000)]
    [InlineData(0, 10_000, 1, 20, 10_000)]
    public void Files_rows_and_the_parts_of_a_file_are_bounded_by_time_whatever_is_asked_for(
        int seconds, int free, int fileMegabytes, int files, int rows)
    {
        var limits = Of(wanted: 1, seconds, free);

        Assert.Equal((fileMegabytes * Megabyte, files, rows), (limits.FileBytes, limits.Files, limits.Rows));
    }

    private static BatchLimits Of(int wanted, int seconds, int free) =>
        BatchBounds.Of(wanted * Megabyte, TimeSpan.FromSeconds(seconds), free * Megabyte);
}
