namespace CdcDms.Local.Tests.Services;

/// <summary>Temporary folders that other users may enter, unlike those of <see cref="Directory.CreateTempSubdirectory"/>.</summary>
internal static class SharedFolder
{
    private const UnixFileMode Everything = (UnixFileMode)0x1FF;

    public static DirectoryInfo Create()
    {
        var folder = Directory.CreateTempSubdirectory("services-test-");
        File.SetUnixFileMode(folder.FullName, Everything);
        return folder;
    }
}
