using System.Text;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>When a manifest is read, and what is said of one that cannot be.</summary>
public sealed class ManifestTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("{", "The manifest some/folder/_cdcdms/manifests/public/people/", "cannot be read: ")]
    [InlineData("null", "cannot be read: it is null")]
    public async Task A_manifest_that_cannot_be_read_is_told(string text, params string[] parts)
    {
        await LoadAsync(1, "ada");
        await MergeAsync(People);
        await LoadAsync(2, "bob");
        await ManifestAsync(text);

        await AssertRefusedAsync(People, ErrorKind.BadData, parts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_manifest_with_nothing_older_to_replace_is_not_read(bool hadRows)
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        if (hadRows)
            await Analytics.ExecuteAsync("INSERT INTO analytics.people VALUES (2, 'hand')");
        await LoadAsync(1, "ada");
        await ManifestAsync("no manifest");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 5, 1, "eve");

        await MergeAsync(People);

        Assert.Equal(hadRows ? "1=eve 2=hand" : "1=eve", await PeopleAsync());
    }

    [Fact]
    public async Task A_manifest_that_has_done_its_work_is_not_read_again()
    {
        await LoadAsync(1, "ada");
        await MergeAsync(People);
        await Lake.ManifestAsync(People, await LoadAsync(2, "bob"));
        await MergeAsync(People);
        await ManifestAsync("no manifest");
        await Lake.ChangeAsync(People, 'U', 5, 1, "eve");

        await MergeAsync(People);

        Assert.Equal("1=eve", await PeopleAsync());
    }

    private Task<string> LoadAsync(int generation, string name)
    {
        Lake.Generation = generation;
        return Lake.LoadAsync(People, 1, $"SELECT 1 AS id, '{name}' AS name");
    }

    private Task ManifestAsync(string text) =>
        Lake.PutBytesAsync(Lake.Uri.ManifestKey(People.Source, Lake.Generation), Encoding.UTF8.GetBytes(text));
}
