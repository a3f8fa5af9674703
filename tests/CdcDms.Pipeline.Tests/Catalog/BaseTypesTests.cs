using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Catalog;

/// <summary>What a column's type is below its domains, and the modifier that PostgreSQL keeps with the type.</summary>
public sealed class BaseTypesTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await servers.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_domain_is_the_type_below_it_with_the_innermost_modifier_and_other_types_stay()
    {
        await _database.ExecuteAsync("CREATE DOMAIN amount AS numeric(12,3); CREATE DOMAIN price AS amount CHECK (VALUE > 0)");
        await _database.ExecuteAsync("CREATE TABLE t (price price, code varchar(7), free numeric)");
        const uint gone = 4_000_000_000;
        var columns = await ColumnsAsync();

        await using var connection = await _database.OpenAsync();
        var found = await BaseTypes.ResolveAsync(connection, [.. columns, new ModifiedType(gone, 5)], CancellationToken.None);

        Assert.Equal([1700, 1043, 1700, gone], found.Select(type => type.Oid));
        Assert.Equal(new NumericModifier(12, 3), NumericModifier.Read(found[0].Modifier));
        Assert.Equal([columns[1].Modifier, -1, 5], found.Skip(1).Select(type => type.Modifier));
    }

    [Theory]
    [InlineData("numeric(10,2)", 10, 2)]
    [InlineData("numeric(1000,1000)", 1000, 1000)]
    [InlineData("numeric(3,5)", 3, 5)]
    [InlineData("numeric(2,-3)", 2, -3)]
    [InlineData("numeric(1,-1000)", 1, -1000)]
    public async Task Precision_and_scale_are_read_as_PostgreSQL_keeps_them(string type, int precision, int scale)
    {
        await _database.ExecuteAsync($"CREATE TABLE t (n {type})");

        Assert.Equal(new NumericModifier(precision, scale), NumericModifier.Read((await ColumnsAsync())[0].Modifier));
    }

    [Fact]
    public void A_numeric_without_precision_has_none() => Assert.Null(NumericModifier.Read(-1));

    private async Task<List<ModifiedType>> ColumnsAsync()
    {
        await using var connection = await _database.OpenAsync();
        return await connection.QueryAsync(
            "SELECT atttypid, atttypmod FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum",
            row => new ModifiedType(row.GetFieldValue<uint>(0), row.GetInt32(1)), CancellationToken.None).ToListAsync();
    }
}
