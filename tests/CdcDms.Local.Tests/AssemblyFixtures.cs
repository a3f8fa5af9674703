using System.Runtime.Versioning;
using CdcDms.Local.Tests.ConsoleServer.Browser;
using CdcDms.Testing;

[assembly: AssemblyFixture(typeof(TestServers))]
[assembly: AssemblyFixture(typeof(InstalledChromium))]
[assembly: FaultlessPages]
// As are the npm packages of PostgreSQL that we name.
[assembly: UnsupportedOSPlatform("windows")]
