import { describeProvider } from './describe-provider.ts';
import { VASTAI_SUBJECT } from './subjects/vastai.ts';

describeProvider(VASTAI_SUBJECT, { cases: 753 });
