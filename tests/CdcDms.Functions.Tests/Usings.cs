global using CdcDms.Contract;
global using CdcDms.Contract.Functions;
global using CdcDms.Contract.Tables;
global using CdcDms.Testing;

[assembly: AssemblyFixture(typeof(TestServers))]
