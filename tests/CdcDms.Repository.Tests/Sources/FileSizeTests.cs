namespace CdcDms.Rules.Sources;

/// <summary>A file is read in one go.</summary>
public class FileSizeTests
{
    private const int LongestSource = 200;
    private const int LongestTest = 300;

    [Fact]
    public void No_file_is_longer()
    {
        var tooLong = from project in ReadHouse.Projects
                      let longest = project.IsTest ? LongestTest : LongestSource
                      from file in project.Files
                      where file.Lines.Count > longest
                      select $"{file.Path} has {file.Lines.Count} lines, more than {longest}.";

        Faults.AssertNone(tooLong);
    }
}
