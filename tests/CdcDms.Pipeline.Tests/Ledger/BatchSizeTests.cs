using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>What the ledger says of how large a batch was, or may be.</summary>
public sealed class BatchSizeTests
{
    [Theory]
    [InlineData(100, 64 << 10, false)]
    [InlineData(101, 0, true)]
    [InlineData(1, (64 << 10) + 1, true)]
    public void A_batch_is_halved_until_it_has_100_files_and_64_KiB(int files, long bytes, bool canBeHalved) =>
        Assert.Equal(canBeHalved, new BatchAttempt(new(), tableId: 1, id: 1) { Files = files, Bytes = bytes }.CanBeHalved);

    [Theory]
    [InlineData(0, 10, 40, 100, 25)]
    [InlineData(10, 40, 40, 100, 75)]
    [InlineData(1L << 40, 1L << 41, 1L << 42, 1L << 42, 1L << 40)]
    public void A_part_has_the_share_of_its_rows_in_the_bytes_of_its_file(long first, long end, long rows, long bytes, long share) =>
        Assert.Equal(share, new FilePart(first, end, rows).BytesOf(bytes));
}
