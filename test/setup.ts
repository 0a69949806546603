import fc from 'fast-check';

// A build is the same twice: properties draw from one seed, unless FAST_CHECK_SEED names another to explore with.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_261_122) });
