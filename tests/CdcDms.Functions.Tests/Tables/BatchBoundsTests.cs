using CdcDms.Functions.Tables;

namespace CdcDms.Functions.Tests.Tables;

public sealed class BatchBoundsTests
{
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData(1024, 900, 10_000, 900)]
    [InlineData(100, 900, 10_000, 100)]
    [InlineData(1024, 900, 512, 128)]
    [InlineData(1024, 0, 10_000, 0)]
    public void A_batch_is_bounded_by_what_is_asked_for_by_time_and_by_storage(int wanted, int seconds, int free, int expected) =>
        Assert.Equal(expected * Megabyte, BatchBounds.Bytes(wanted * Megabyte, TimeSpan.FromSeconds(seconds), free * Megabyte));
}
