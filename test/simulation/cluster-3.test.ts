import { testCluster } from './cluster-tests.js';

testCluster(2);
