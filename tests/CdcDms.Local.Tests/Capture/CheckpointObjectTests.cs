using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Capture;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>One checkpoint that two captures write.</summary>
public sealed class CheckpointObjectTests(TestServers servers)
{
    [Fact]
    public async Task A_capture_that_comes_second_names_the_tables_of_which_it_has_written_files_since_its_last_checkpoint()
    {
        var cancel = TestContext.Current.CancellationToken;
        var lake = await servers.CreateLakeAsync();
        var written = new HashSet<TableName> { new("public", "before") };
        var old = new CheckpointObject(servers.S3, lake, written);
        var another = new CheckpointObject(servers.S3, lake, new HashSet<TableName>());
        var checkpoint = Checkpoint.First(1, "slot", "system", timeline: 1, tables: []);
        await old.ReadAsync(cancel);
        await old.WriteAsync(checkpoint, cancel);
        Assert.Empty(written);
        await another.ReadAsync(cancel);
        await another.WriteAsync(checkpoint with { Generation = 2 }, cancel);
        Assert.DoesNotContain("has written files", (await FaultAsync()).Message, StringComparison.Ordinal);

        written.Add(new("public", "t"));

        var fault = await FaultAsync();
        Assert.Equal(ErrorKind.Conflict, fault.Kind);
        Assert.Contains("This one has written files of public.t since", fault.Message, StringComparison.Ordinal);

        Task<CdcDmsException> FaultAsync() =>
            Assert.ThrowsAsync<CdcDmsException>(() => old.WriteAsync(checkpoint with { Generation = 3 }, cancel));
    }
}
