using CdcDms.Pipeline.Changes;

namespace CdcDms.Pipeline.Tests.Changes;

public sealed class ChangeWorkspaceTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task The_files_of_a_batch_lie_in_a_closed_folder_of_its_own_that_goes_with_it()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");
        var listed = await Lake.Reader.ListAsync(Lake.Uri.TablePrefix(People.Source), null, CancellationToken.None).ToListAsync();
        string folder;

        using (var workspace = new ChangeWorkspace(memoryMegabytes: 64))
        using (var other = new ChangeWorkspace(memoryMegabytes: 64))
        {
            var files = await workspace.FetchAsync(Lake.Reader, listed, CancellationToken.None);
            folder = Path.GetDirectoryName(files[0].Path)!;
            Assert.Equal([folder, folder], files.Select(file => Path.GetDirectoryName(file.Path)));
            Assert.Equal(listed.Select(found => found.Bytes), files.Select(file => new FileInfo(file.Path).Length));
            Assert.NotEqual(folder, Path.GetDirectoryName((await other.FetchAsync(Lake.Reader, listed, CancellationToken.None))[0].Path));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Assert.False(Directory.Exists(folder));
    }
}
