using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CdcDms.Local.Services;
using Npgsql;

namespace CdcDms.Functions.Tests.Aws;

/// <summary>Passwords from the extension's HTTP interface, over verified TLS to a real server.</summary>
public sealed class SecretTests : IAsyncLifetime
{
    private const string Arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:analytics-AbCdEf";
    private const string Input = """{"lake":"s3://nowhere","table":{"schema":"public","name":"people","target":"analytics.people"}}""";

    private const string HealthInput =
        """{"lake":"s3://nowhere","tables":[],"limits":{},"tell":false,"replication":{"health":null}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("cdcdms-authorities-").FullName;
    private HttpStandIn _extension = null!;
    private readonly Queue<string> _passwords = new();
    private EmbeddedPostgres _postgres = null!;
    private NpgsqlConnectionStringBuilder _settings = null!;
    private string? _host = "localhost";

    public async ValueTask InitializeAsync()
    {
        _postgres = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        _settings = new NpgsqlConnectionStringBuilder(_postgres.ConnectionString());
        await SecureAsync();
        _extension = new HttpStandIn(Answer);
    }

    public async ValueTask DisposeAsync()
    {
        _extension.Dispose();
        Directory.Delete(_folder, recursive: true);
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task A_secret_opens_a_verified_connection()
    {
        _passwords.Enqueue(_settings.Password!);
        await using var process = Start();

        // The database was opened: what is missing then is the bucket.
        var report = await process.InvokeAsync(Input);

        Assert.Contains("s3://nowhere", report.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify-ca", "s3://nowhere")]
    [InlineData("verify-full", "certificate")]
    [InlineData("require", "CDCDMS_TARGET_TLS is 'require': set it to verify-full or verify-ca")]
    public async Task A_host_that_the_certificate_does_not_name_is_enough_for_verify_ca_alone(string proof, string says)
    {
        _host = "127.0.0.1";
        _passwords.Enqueue(_settings.Password!);
        await using var process = Start(("CDCDMS_TARGET_TLS", proof));

        var report = await process.InvokeAsync(Input);

        Assert.Contains(says, report.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("moved.example.org")]
    public async Task The_server_of_the_environment_file_counts_whatever_the_secret_of_analytics_names(string? inSecret)
    {
        _host = inSecret;
        _passwords.Enqueue(_settings.Password!);
        await using var process = Start(("CDCDMS_TARGET_SERVER", $"LOCALHOST:{_settings.Port}"));

        var report = await process.InvokeAsync(Input);

        Assert.Contains("s3://nowhere", report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_leads_nowhere_is_refused()
    {
        using var stranger = Authority();
        await File.WriteAllTextAsync(Path.Combine(_folder, "analytics-ca.pem"), stranger.ExportCertificatePem());
        _passwords.Enqueue(_settings.Password!);
        await using var process = Start();

        var report = await process.InvokeAsync(Input);

        Assert.Contains("certificate", report.Body, StringComparison.Ordinal);
        Assert.Contains("\"Unavailable\"", report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotated_password_is_read_again_once_the_cache_has_forgotten_the_old_one()
    {
        _passwords.Enqueue("rotated away");
        _passwords.Enqueue(_settings.Password!);
        await using var process = Start();
        var before = Stopwatch.StartNew();

        var report = await process.InvokeAsync(Input);

        Assert.Contains("s3://nowhere", report.Body, StringComparison.Ordinal);
        Assert.True(before.Elapsed >= TimeSpan.FromSeconds(1), "It did not wait for the cache's lifetime of a second.");
        Assert.Empty(_passwords);
    }

    [Fact]
    public async Task A_password_that_stays_wrong_is_told_as_such()
    {
        _passwords.Enqueue("wrong");
        _passwords.Enqueue("still wrong");
        await using var process = Start();

        var report = await process.InvokeAsync(Input);

        Assert.Contains("password authentication failed", report.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_was_rotated_a_moment_ago_is_no_finding_of_a_health_check()
    {
        _passwords.Enqueue("rotated away");
        _passwords.Enqueue(_settings.Password!);
        await using var process = Start("health", ("CDCDMS_SOURCE", _postgres.ConnectionString()), ("SECRETS_MANAGER_TTL", "0"));

        var report = await process.InvokeAsync(HealthInput);

        Assert.DoesNotContain("The ledger could not be looked at", report.Body, StringComparison.Ordinal);
        Assert.Contains("\"report\":", report.Body, StringComparison.Ordinal);
        Assert.Empty(_passwords);
    }

    [Fact]
    public async Task A_password_that_stays_wrong_is_a_finding_of_a_health_check()
    {
        _passwords.Enqueue("wrong");
        _passwords.Enqueue("still wrong");
        await using var process = Start("health", ("CDCDMS_SOURCE", _postgres.ConnectionString()), ("SECRETS_MANAGER_TTL", "0"));

        var report = await process.InvokeAsync(HealthInput);

        Assert.Contains("The ledger could not be looked at: ", report.Body, StringComparison.Ordinal);
    }

    private BundleProcess Start(params (string, string)[] more) => Start("merge", more);

    private BundleProcess Start(string function, params (string, string)[] more) => new(
        function,
        [
            ("CDCDMS_TARGET_SECRET", Arn),
            ("CDCDMS_TARGET_DATABASE", "postgres"),
            ("CDCDMS_AUTHORITIES", _folder),
            ("CDCDMS_S3_ENDPOINT", "http://127.0.0.1:1"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "none"),
            ("AWS_SECRET_ACCESS_KEY", "none"),
            ("AWS_SESSION_TOKEN", "token"),
            ("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", $"{_extension.Url.Port}"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", _extension.Url.AbsoluteUri),
            ("SECRETS_MANAGER_TTL", "1"),
            .. more,
        ]);

    private (int Status, string Body) Answer(WireRequest request)
    {
        var token = request.Headers.GetValueOrDefault("x-aws-parameters-secrets-token");
        if (request.RawUrl != $"/secretsmanager/get?secretId={Uri.EscapeDataString(Arn)}" || token != "token")
            return (400, "");
        var (username, password) = (_settings.Username, _passwords.Dequeue());
        // What RDS manages has the first two alone.
        var secret = _host is null
            ? JsonSerializer.Serialize(new { username, password })
            : JsonSerializer.Serialize(new { username, password, host = _host, port = _settings.Port, engine = "postgres" });
        return (200, JsonSerializer.Serialize(new { ARN = Arn, SecretString = secret }));
    }

    /// <summary>Gives the running server a certificate of an authority that <see cref="_folder"/> holds.</summary>
    private async Task SecureAsync()
    {
        using var authority = Authority();
        await File.WriteAllTextAsync(Path.Combine(_folder, "analytics-ca.pem"), authority.ExportCertificatePem());
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);

        // The server itself writes the files: they must belong to the account that it runs as.
        string[] statements =
        [
            WriteFile("server.crt", certificate.ExportCertificatePem()),
            WriteFile("server.key", key.ExportPkcs8PrivateKeyPem()),
            "ALTER SYSTEM SET ssl = on",
            "SELECT pg_reload_conf()",
        ];
        await using var connection = new NpgsqlConnection(_settings.ConnectionString);
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }

        while (!await IsSecureAsync())
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    // The server reads its configuration in its own time, and its certificate after that.
    private async Task<bool> IsSecureAsync()
    {
        await using var connection = new NpgsqlConnection(_settings.ConnectionString + ";Pooling=false;SSL Mode=Require");
        try
        {
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string WriteFile(string name, string text) =>
        $"COPY (SELECT unnest(string_to_array('{text}', E'\\n'))) TO PROGRAM 'umask 077; cat > {name}'";

    private static X509Certificate2 Authority()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN=Test {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
    }
}
