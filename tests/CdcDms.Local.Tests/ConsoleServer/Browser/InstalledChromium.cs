using System.Reflection;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>
/// A Chromium that is installed on this machine, for all tests of the assembly; it starts with the first test that asks for a page. No
/// browser is ever downloaded.
/// </summary>
public sealed class InstalledChromium : IAsyncDisposable
{
    private const string Variable = "CDCDMS_CHROMIUM";

    private static readonly string[] UsualPaths =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

    private readonly SemaphoreSlim _one = new(1);
    private IPlaywright? _driver;
    private IBrowser? _browser;

    private static string? Executable => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named
        : UsualPaths.FirstOrDefault(File.Exists);

    /// <summary>Opens the page of an address, as a browser that knows nothing of it.</summary>
    public async Task<WatchedPage> OpenAsync(Uri address, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(
            Executable is null,
            $"There is no Chromium on this machine: install one (apt install chromium), or name its program by {Variable}.");
        Assert.SkipUnless(
            File.Exists(Executable), $"There is no {Executable}, which {Variable} names: name the program of a Chromium, or nothing.");
        var browser = await BrowserAsync(Executable!);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
        });
        // A machine that is busy with other tests is slow.
        context.SetDefaultTimeout(60_000);
        return await WatchedPage.OpenAsync(context, address);
    }

    private async Task<IBrowser> BrowserAsync(string executable)
    {
        await _one.WaitAsync();
        try
        {
            if (_browser is not null)
                return _browser;
            Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", DriverFolder);
            _driver = await Playwright.CreateAsync();
            return _browser = await _driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = executable,
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync",
                ],
            });
        }
        finally
        {
            _one.Release();
        }
    }

    // Playwright's driver stays where its package is: more than a hundred megabytes that are not copied beside the tests.
    private static string DriverFolder => typeof(InstalledChromium).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(one => one.Key == "PlaywrightPackage").Value!;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _driver?.Dispose();
        _one.Dispose();
    }
}
