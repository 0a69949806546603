import type { Family } from './family.ts';

const subscription_url = 'https://hooks.varsa.example/contract';

export const webhooks: Family = {
  at(scene, segment) {
    if (segment !== 'webhooks') return undefined;
    const body = { name: 'Contract', subscription_url, event_action: '*', event_object: 'deal' };
    return scene.make('webhook', '/v1/webhooks', body);
  },
  value(_scene, { entity }, name) {
    return entity.name === 'webhook' && name === 'subscription_url' ? Promise.resolve(subscription_url) : undefined;
  },
};
