using System.Text.Json.Nodes;

namespace CdcDms.Rules.Sources;

/// <summary>The changes that <c>.ci/mutation-sql.mjs</c> makes to the SQL can be made.</summary>
public class MutantTests
{
    [Fact]
    public void Every_mutant_finds_its_text_once()
    {
        var wrong = from mutant in JsonNode.Parse(ReadHouse.Tree.Read(".ci/mutation-sql.json"))!.AsArray()
                    let file = mutant!["file"]!.GetValue<string>()
                    let text = mutant["text"]!.GetValue<string>()
                    let found = ReadHouse.Tree.Has(file) ? ReadHouse.Tree.Read(file).Split(text).Length - 1 : 0
                    where found != 1
                    select $"{file} has {found} times: {text}";

        Faults.AssertNone(wrong);
    }
}
