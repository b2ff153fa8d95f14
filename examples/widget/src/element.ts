export * from './element/index';
