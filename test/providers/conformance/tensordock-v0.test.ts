import { describeProvider } from './describe-provider.ts';
import { TENSORDOCK_V0_SUBJECT } from './subjects/tensordock-v0.ts';

describeProvider(TENSORDOCK_V0_SUBJECT, { cases: 589 });
