using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;

namespace CdcDms.Local.Tests.ChangeFiles;

/// <summary>A change file on a disk without room.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_is_told_with_the_table_and_what_to_do()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a file that is always full, /dev/full.");
        await using var file = await ChangeFile.CreateAsync(
            new TableName("public", "orders"),
            [new FileColumn { Name = "note", Form = TextForm.Text }],
            "/dev/full",
            CancellationToken.None);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => FillAsync(file));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.StartsWith(
            "A file of table public.orders cannot be written (No space left on device", fault.Message, StringComparison.Ordinal);
    }

    private static async Task FillAsync(ChangeFile file)
    {
        for (var row = 0; row < ChangeFile.RowGroupRows; row++)
        {
            file.BeginRow("I"u8, "2026-01-01 00:00:00.000000"u8);
            file.Append(System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()));
            await file.EndRowAsync("1"u8, CancellationToken.None);
        }

        await file.CompleteAsync(CancellationToken.None);
    }
}
