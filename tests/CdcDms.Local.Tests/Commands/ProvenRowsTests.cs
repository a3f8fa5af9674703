using CdcDms.Contract.Tables;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Rows that proofs found are told in the order and form of a comparison.</summary>
public sealed class ProvenRowsTests
{
    private static readonly TableDefinition Entries = new()
    {
        Schema = "public",
        Name = "entries",
        Target = "analytics.entries",
        Key = ["account", "no"],
        Columns = [new ColumnMapping { From = "account", To = "account_id" }, new ColumnMapping { From = "no", To = "no" }],
    };

    [Fact]
    public void Rows_are_in_the_order_of_their_keys_and_keys_in_that_of_the_definition()
    {
        var rows = ProvenRows.InOrder(Entries, [Row("b", "10"), Row("a", "10"), Row("z", "9")]);

        Assert.Equal(
            ["account_id = '9', no = 'z'", "account_id = '10', no = 'a'", "account_id = '10', no = 'b'"],
            rows.Select(row => RowText.Of(row.Key!)));
    }

    [Fact]
    public void A_definition_without_columns_orders_keys_by_the_key_that_it_names()
    {
        var rows = ProvenRows.InOrder(Entries with { Key = ["account_id", "no"], Columns = null }, [Row("b", "9")]);

        Assert.Equal("account_id = '9', no = 'b'", RowText.Of(Assert.Single(rows).Key!));
    }

    // As jsonb has it: the shorter name first.
    private static ProvenDifference Row(string no, string account) => new(
        new Dictionary<string, string> { ["no"] = no, ["account_id"] = account }, DifferenceKind.Missing, []);
}
