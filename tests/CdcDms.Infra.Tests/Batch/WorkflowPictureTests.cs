using CdcDms.Infra.Tests.Stacks;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Batch;

public class WorkflowPictureTests
{
    private const string Begin =
        "<!-- The picture of the workflow: CDCDMS_UPDATE_SNAPSHOTS=1 dotnet test --project tests/CdcDms.Infra.Tests draws it anew. -->\n";

    private const string End = "<!-- End of the picture. -->\n";

    [Fact]
    public void The_picture_of_the_workflows_page_is_that_of_the_synthesized_definitions()
    {
        var path = Path.Combine(Repository.Root, "docs", "workflow.md");
        var document = File.ReadAllText(path);
        var begin = document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = document.IndexOf(End, StringComparison.Ordinal);
        var picture = "All tables:\n\n" + WorkflowPicture.Of(BatchTests.Definition("dev", "batch"))
            + "\nOne table:\n\n" + WorkflowPicture.Of(BatchTests.Definition("dev", "batch-table"))
            + "\nOne table, where the environment has Spark:\n\n" + WorkflowPicture.Of(BatchTests.Definition("shared", "batch-table"))
            + "\nFull proofs:\n\n" + WorkflowPicture.Of(BatchTests.Definition("dev", "proof"))
            + "\nReloads:\n\n" + WorkflowPicture.Of(BatchTests.Definition("dev", "reload"));

        if (TemplateSnapshot.Update)
            File.WriteAllText(path, document[..begin] + picture + document[end..]);
        else
            Assert.Equal(picture, document[begin..end]);
    }
}
