// @libp2p/webrtc lists react-native-webrtc as a dependency, for phones that run React Native. A browser and a
// relay node never load it; without this stand-in npm would fetch five hundred packages for nothing.
throw new Error('react-native-webrtc is not part of Understory');
