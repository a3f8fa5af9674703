namespace CdcDms.DuckDb.Tests;

public sealed class WorkFolderTests
{
    [Fact]
    public void What_a_killed_merge_has_left_goes_with_the_next_and_what_is_in_use_stays()
    {
        var left = Directory.CreateTempSubdirectory("cdcdms-work-");
        File.WriteAllText(Path.Combine(left.FullName, "000000.parquet"), "downloaded");
        Directory.SetLastWriteTimeUtc(left.FullName, DateTime.UtcNow.AddHours(-1));
        using var used = WorkFolder.Create();
        Directory.SetLastWriteTimeUtc(used.Path, DateTime.UtcNow.AddHours(-1));

        using (WorkFolder.Create())
        {
            Assert.False(Directory.Exists(left.FullName));
            Assert.True(Directory.Exists(used.Path));
        }
    }

    [Fact]
    public void A_work_folder_goes_with_its_owner()
    {
        string path;
        using (var folder = WorkFolder.Create())
            path = folder.Path;

        Assert.False(Directory.Exists(path));
    }
}
