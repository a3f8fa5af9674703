using System.Runtime.Versioning;
using CdcDms.Testing;

[assembly: AssemblyFixture(typeof(TestServers))]
// As are the npm packages of PostgreSQL that we name.
[assembly: UnsupportedOSPlatform("windows")]
